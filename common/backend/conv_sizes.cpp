// SPDX-License-Identifier: MIT
#include "common/backend/conv_sizes.hpp"

namespace cnn {

ConvSizes conv_sizes(const Shape& x, const Shape& weight, const ConvGeometry& g) {
  const auto pixels = [](Index in, Index kernel, Index stride, Index padding) {
    return (in + 2 * padding - kernel) / stride + 1;
  };
  return {.n = x[0],
          .ic = x[1],
          .oc = weight[0],
          .ih = x[2],
          .iw = x[3],
          .oh = pixels(x[2], weight[2], g.stride.h, g.padding.h),
          .ow = pixels(x[3], weight[3], g.stride.w, g.padding.w),
          .kh = weight[2],
          .kw = weight[3],
          .sh = g.stride.h,
          .sw = g.stride.w,
          .ph = g.padding.h,
          .pw = g.padding.w};
}

}  // namespace cnn

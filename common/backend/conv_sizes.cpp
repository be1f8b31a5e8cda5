// SPDX-License-Identifier: MIT
#include "common/backend/conv_sizes.hpp"

namespace cnn {

ConvSizes conv_sizes(const Tensor& x, const Tensor& weight, const Tensor& y, const ConvGeometry& g) {
  const auto [n, ic, ih, iw] = x.dims<4>();
  const auto [oc, weight_ic, kh, kw] = weight.dims<4>();
  const auto [y_n, y_oc, oh, ow] = y.dims<4>();
  static_cast<void>(weight_ic), static_cast<void>(y_n), static_cast<void>(y_oc);
  return {n, ic, oc, ih, iw, oh, ow, kh, kw, g.stride.h, g.stride.w, g.padding.h, g.padding.w};
}

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

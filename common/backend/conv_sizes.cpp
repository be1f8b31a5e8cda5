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

}  // namespace cnn

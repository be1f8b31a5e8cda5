// SPDX-License-Identifier: MIT
#include "common/nn/pool2d.hpp"

#include "common/core/check.hpp"
#include "common/ops/pool2d.hpp"

namespace cnn::nn {

Pool2d::Pool2d(std::string kind, const Pool2dOptions& options) : kind_(std::move(kind)), options_(options) {
  const auto& [kernel, stride, padding] = options_;
  CNN_CHECK(kernel.h > 0 && kernel.w > 0 && stride.h > 0 && stride.w > 0 && padding.h >= 0 && padding.w >= 0,
            ShapeError,
            "[" + kind_ + "] kernel " + to_string(kernel) + ", stride " + to_string(stride) + ", padding " +
                to_string(padding) + "; kernels and strides start at 1, paddings at 0");
}

Shape Pool2d::output_shape(const Shape& x) const { return ops::pool2d_output_shape(x, options_); }

Spec Pool2d::spec() const {
  return {.kind = kind_,
          .options = {{"kernel", to_string(options_.kernel)},
                      {"stride", to_string(options_.stride)},
                      {"padding", to_string(options_.padding)}},
          .children = {}};
}

Flow Pool2d::trace(const Flow& x) const {
  return {
      .shape = output_shape(x.shape), .field = x.field.through(options_.kernel, options_.stride), .kept = 0};
}

}  // namespace cnn::nn

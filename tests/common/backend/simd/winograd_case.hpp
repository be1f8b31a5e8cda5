// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>

#include "common/backend/conv_sizes.hpp"
#include "tests/support/random_tensor.hpp"

namespace cnn::test {

/// A convolution with a square kernel.
struct WinogradCase {
  Index n, ic, oc;
  Size2d image;
  Index kernel;
  Size2d padding;
  Index stride = 1;
  bool slice = false;  // images are channels of larger tensors
};

inline std::ostream& operator<<(std::ostream& out, const WinogradCase& c) {
  return out << c.n << " images " << c.ic << "x" << to_string(c.image) << ", " << c.oc << " kernels of side "
             << c.kernel << ", padding " << to_string(c.padding) << ", stride " << c.stride
             << (c.slice ? ", sliced" : "");
}

/// All tensors of a case; gradients and outputs hold numbers before they are overwritten.
struct WinogradTensors {
  Tensor x, weight, bias, grad_y, y, grad_x, grad_weight;
  ConvGeometry geometry;
  ConvSizes sizes;

  explicit WinogradTensors(const WinogradCase& c) : geometry{c.stride, c.padding} {
    const auto make = [&](const Shape& shape, std::uint64_t seed) {
      return c.slice ? random_slice(shape, seed) : random_tensor(shape, seed);
    };
    const Index oh = (c.image.h + 2 * c.padding.h - c.kernel) / c.stride + 1,
                ow = (c.image.w + 2 * c.padding.w - c.kernel) / c.stride + 1;
    x = make({c.n, c.ic, c.image.h, c.image.w}, 1);
    weight = random_tensor({c.oc, c.ic, c.kernel, c.kernel}, 2);
    bias = random_tensor({c.oc}, 3);
    grad_y = make({c.n, c.oc, oh, ow}, 4);
    y = make({c.n, c.oc, oh, ow}, 5);
    grad_x = make(x.shape(), 6);
    grad_weight = random_tensor(weight.shape(), 7);
    sizes = conv_sizes(x.shape(), weight.shape(), geometry);
  }
};

}  // namespace cnn::test

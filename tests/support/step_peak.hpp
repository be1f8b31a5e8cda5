// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/storage.hpp"
#include "common/nn/module.hpp"
#include "common/optim/adam.hpp"

namespace cnn::test {

/// \param net     a network, trained for two steps
/// \param x       shape of its input
/// \param before  bytes in use before the network was made
/// \return        most bytes that the network and its steps have in use
inline Index step_peak(nn::Module& net, const Shape& x, Index before) {
  optim::Adam adam{net.named_parameters()};
  const Tensor images = Tensor::zeros(x);
  reset_peak_memory();
  for (int step = 0; step < 2; ++step) {
    net.zero_grad();
    const Tensor y = net.forward(images);
    net.backward(Tensor::zeros(y.shape()));
    adam.step();
  }
  return memory_stats().peak - before;
}

}  // namespace cnn::test

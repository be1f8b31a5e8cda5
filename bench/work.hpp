// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/layers.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::bench {

/// Something that every rung computes.
struct Work {
  std::string name;                                    ///< "forward"
  double flops;                                        ///< a multiplication with addition counts twice
  std::function<std::vector<Tensor>()> run;            ///< what is measured
  std::function<std::vector<Tensor>()> results = run;  ///< what is to be equal
};

/// The pass of passes() that the first layer of a network does not need.
constexpr std::size_t input_pass = 1;

/// \param shape   sizes of a convolution
/// \param device  where its tensors are
/// \return        its three passes: forward, and the gradients with respect to input and weight
std::vector<Work> passes(const ConvShape& shape, Device device = {});

/// \param n  images
/// \return   a training step of LeNet, always on the same images; its gradients are to be equal
Work lenet_step(Index n);

/// \param a  a host tensor
/// \param b  another of the same shape
/// \return   the largest difference as a part of the largest element of b; infinite if one is no number
double difference(const Tensor& a, const Tensor& b);

}  // namespace cnn::bench

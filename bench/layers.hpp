// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "bench/networks.hpp"
#include "common/backend/operation.hpp"

namespace cnn::bench {

/// The sizes of a convolution.
struct ConvShape {
  Shape x;                ///< [n, ic, ih, iw]
  Shape weight;           ///< [oc, ic, kh, kw]
  ConvGeometry geometry;  ///< stride and padding

  /// \return multiplications with addition of one pass, forward or backward
  Index macs() const;
  /// \return "256>384 3x3 /1 +1 12x12": channels, kernel, stride, padding, image
  std::string name() const;
};

/// A convolution that occurs in networks.
struct ConvLayer {
  std::vector<std::string> networks;  ///< where it occurs
  ConvShape shape;                    ///< its sizes
  bool reads_images;  ///< whether it is the first layer: nobody needs the gradient of its input
};

/// The convolutions on which networks spend their time, each size once.
/// \param networks     which networks
/// \param batch_size   images; 0 for those of the book
/// \param least_share  leaves out layers with a smaller part of their network's multiplications, 0 ... 1
/// \return             the layers, in the order in which they first occur
std::vector<ConvLayer> conv_layers(const std::vector<Network>& networks, Index batch_size,
                                   double least_share);

/// The tensors of a convolution, filled with random numbers from U(-1, 1).
struct ConvTensors {
  Tensor x;       ///< [n, ic, ih, iw]
  Tensor weight;  ///< [oc, ic, kh, kw]
  Tensor bias;    ///< [oc]
  Tensor grad_y;  ///< [n, oc, oh, ow]
};

/// \param shape  sizes
/// \return       new tensors, the same numbers each time
ConvTensors conv_tensors(const ConvShape& shape);

/// \param shape  sizes
/// \param seed   of the generator
/// \return       a host tensor from U(-1, 1)
Tensor random_tensor(const Shape& shape, std::uint64_t seed);

}  // namespace cnn::bench

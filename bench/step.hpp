// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/layers.hpp"
#include "common/backend/conv_sizes.hpp"
#include "common/backend/simd/kernels.hpp"

namespace cnn::bench {

/// One way to do the same work.
struct Step {
  std::string name;                  ///< "packed_conv2d, avx2"
  std::string code;                  ///< where it is
  int threads;                       ///< how many
  std::string level;                 ///< instruction set of the rung simd
  std::function<void(Tensor&)> run;  ///< overwrites a tensor of the result's shape
  std::string before;                ///< name of the step that its gain refers to; empty for none
};

/// \param tile  kind of tile
/// \return      "Winograd F(4x4, 3x3)", or with stride 2 "Winograd F(3x3, 3x3) /2"
std::string tile_name(const simd::WinogradTile& tile);

/// \param side    rows and columns of a kernel
/// \param stride  its step
/// \return        the kinds of tiles for it, on the instruction set in use
std::vector<const simd::WinogradTile*> tiles_for(Index side, Index stride);

/// The steps of a convolution, from the loops to Winograd's largest tile on one thread, and the rung simd on all threads, up to
/// the instruction set in use.
/// \param t      its tensors, which must live as long as the steps
/// \param shape  its sizes
/// \return       steps that overwrite the output
std::vector<Step> conv_steps(const ConvTensors& t, const ConvShape& shape);

/// A product of matrices C = A B of the sizes that a convolution has, filled with random numbers from U(-1, 1).
struct Product {
  Index rows, columns, depth;  ///< of A, of B, and what the sum runs over
  Tensor a;                    ///< [rows, depth]
  Tensor b;                    ///< [depth, columns]
  Tensor b_transposed;         ///< the same as [columns, depth]

  /// \param s  sizes of the convolution
  explicit Product(const ConvSizes& s);
  /// \return C in double
  std::vector<double> exact() const;
};

/// The steps of a product, on one thread with the instruction set in use.
/// \param p  the matrices, which must live as long as the steps
/// \return   steps that overwrite C
std::vector<Step> product_steps(const Product& p);

}  // namespace cnn::bench

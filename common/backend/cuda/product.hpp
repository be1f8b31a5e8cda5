// SPDX-License-Identifier: MIT
/// \file
/// What the kernels of the ladder compute: C[m, n] = sum over k of A[m, k] B[k, n]. Each pass of a convolution or of a linear layer
/// is such a product, and a kernel does not know which. It asks an *operand* for the rows of A and for the columns of B:
///
///     static constexpr Along along;               what lies side by side in memory, and so is for neighbouring threads to load
///     struct Line;                                what a row of A or a column of B needs to find its elements
///     int lines;                                  how many there are
///     bool quads;                                 whether four that begin at a multiple of four lie side by side, aligned for a float4
///     Line line(int i);
///     const float* at(const Line&, int k);        where an element lies, or null for a zero
///     float value(float x, int k);                what becomes of the number found there
///     static constexpr bool copies;               whether value() is x
///
/// The windows of an image are an operand whose at() works out the pixel: the matrix of all windows, many times larger than the
/// image, is never made ("implicit GEMM"). A result says what to do with a sum:
///
///     bool quads;                                 as above, of four columns
///     void write(int slice, int m, int n, float sum);
///     void write4(int slice, int m, int n, float4 sums);
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "common/backend/cuda/quads.hpp"
#include "common/backend/shards.hpp"

namespace cnn::cuda {

/// What lies side by side in the memory of an operand.
enum class Along {
  k,     ///< elements of one line
  lines  ///< elements k of neighbouring lines
};

/// Numbers first ... last - 1.
struct Range {
  int first;  ///< the first one
  int last;   ///< the one after the last
};

/// The parts of k whose sums are made apart: each shard of the images in `pieces` parts, so that there is work for many blocks.
/// Where a piece ends depends on nothing but the number of images in its shard.
struct Slices {
  int starts[shard_count + 1] = {};  ///< where shards begin, and where the last one ends
  int shards = 1;                    ///< how many
  int pieces = 1;                    ///< of each shard

  /// \param k  how many products are summed
  /// \return   all of them in one slice
  static Slices whole(Index k) { return {{0, to_int32(k)}}; }
  /// \param all     shards of a batch
  /// \param length  products of an image
  /// \param parts   of each shard
  /// \return        slices
  static Slices of(const Shards& all, Index length, int parts) {
    Slices slices{{}, static_cast<int>(all.count()), parts};
    for (Index k = 0; k <= all.count(); ++k) slices.starts[k] = to_int32(all.begin(k) * length);
    return slices;
  }
  /// \return how many slices
  __host__ __device__ int count() const { return shards * pieces; }
  /// \param slice  0 ... count()
  /// \return       what it sums; begins at a multiple of 4 if shards do
  __device__ Range range(int slice) const {
    const int shard = slice / pieces, piece = slice % pieces;
    const int first = starts[shard], last = starts[shard + 1];
    const int length = (last - first + 8 * pieces - 1) / (8 * pieces) * 8;
    return {min(first + piece * length, last), min(first + (piece + 1) * length, last)};
  }
};

/// C[m, n] = sum over k of A[m, k] B[k, n].
template <typename A, typename B, typename C>
struct Product {
  A a;            ///< operand whose lines are rows
  B b;            ///< operand whose lines are columns
  C c;            ///< result
  Slices slices;  ///< of k
};

/// \param operand  A or B
/// \param line     one of its lines
/// \param k        an element of it
/// \param exists   false if there is no such line or element
/// \return         the element; 0 if there is none
template <typename Operand>
__device__ float element(const Operand& operand, const typename Operand::Line& line, int k,
                         bool exists = true) {
  const float* const at = exists ? operand.at(line, k) : nullptr;
  return at == nullptr ? 0.0F : operand.value(*at, k);
}

/// \param operand  A or B
/// \param line     one of its lines
/// \param k        the first of four elements of it; or, if lines lie side by side, the element of four lines
/// \param exists   false if there are none
/// \return         the elements; zeros if there are none
template <typename Operand>
__device__ float4 elements4(const Operand& operand, const typename Operand::Line& line, int k, bool exists) {
  if (!exists) return {0, 0, 0, 0};
  const float4 x = *reinterpret_cast<const float4*>(operand.at(line, k));
  if constexpr (Operand::copies) return x;
  const int step = Operand::along == Along::k ? 1 : 0;
  return {operand.value(x.x, k), operand.value(x.y, k + step), operand.value(x.z, k + 2 * step),
          operand.value(x.w, k + 3 * step)};
}

/// A matrix in memory, or the transposed one.
template <Along along_>
struct Matrix {
  static constexpr Along along = along_;
  static constexpr bool copies = true;
  using Line = const float*;

  const float* data;  ///< first element
  Index stride;       ///< elements from one row in memory to the next
  int lines;
  bool quads;

  __device__ Line line(int i) const { return data + (along == Along::k ? i * stride : i); }
  __device__ const float* at(Line line, int k) const { return line + (along == Along::k ? k : k * stride); }
  __device__ float value(float x, int) const { return x; }
};

/// Sums that are not finished: sums[slice, m, n].
struct Partial {
  float* sums;  ///< first one
  int rows;     ///< m
  int columns;  ///< n
  bool quads;

  __device__ float* at(int slice, int m, int n) const {
    return sums + (Index{slice} * rows + m) * columns + n;
  }
  __device__ void write(int slice, int m, int n, float sum) const { *at(slice, m, n) = sum; }
  __device__ void write4(int slice, int m, int n, float4 sums4) const {
    *reinterpret_cast<float4*>(at(slice, m, n)) = sums4;
  }
};

}  // namespace cnn::cuda

// SPDX-License-Identifier: MIT
/// \file
/// What the kernels of the ladder compute: C[m, n] = sum over k of A[m, k] B[k, n]. Each pass of a convolution or of a linear layer
/// is such a product, and a kernel does not know which. It asks an *operand* for the rows of A and for the columns of B:
///
///     static constexpr Along along;               what lies side by side in memory: neighbouring threads load it
///     int lines;                                  how many rows or columns there are
///     Line line(int i);                           what a row or column needs to find its elements
///     Step step(int k);                           what an element needs to be found in each of them
///     bool has(const Line&, const Step&);         whether there is a number; else the element is 0
///     const float* at(const Line&, const Step&);  where it lies
///     float value(float x, const Step&);          what becomes of it
///     static constexpr bool copies;               whether value() is x
///     static constexpr bool can_be_quads;         whether there is a
///     bool quads;                                 whether four elements that begin at a multiple of four lie side by side,
///                                                 aligned for a float4
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
    int first = starts[0], last = starts[1];
    // starts[shard] would bring all arguments of the kernel into memory.
#pragma unroll
    for (int k = 1; k < shard_count; ++k) {
      if (shard < k) break;
      first = starts[k];
      last = starts[k + 1];
    }
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
/// \param step     of an element
/// \param exists   false if there is no such line or element
/// \return         the element; 0 if there is none
//! [element]
template <typename Operand>
__device__ float element(const Operand& operand, const typename Operand::Line& line,
                         const typename Operand::Step& step, bool exists = true) {
  // Worked out in any case: what is short takes less than a branch around it.
  const float* const at = operand.at(line, step);
  const bool has = operand.has(line, step);
  return exists && has ? operand.value(*at, step) : 0.0F;
}
//! [element]

/// \param operand  A or B
/// \param line     one of its lines
/// \param step     of the first of four elements of it; or, if lines lie side by side, of one element of four lines
/// \param exists   false if there are none
/// \return         the elements; zeros if there are none
template <typename Operand>
__device__ float4 elements4(const Operand& operand, const typename Operand::Line& line,
                            const typename Operand::Step& step, bool exists) {
  static_assert(Operand::copies || Operand::along == Along::lines);  // value() is told one step
  if (!exists) return {0, 0, 0, 0};
  const float4 x = *reinterpret_cast<const float4*>(operand.at(line, step));
  return {operand.value(x.x, step), operand.value(x.y, step), operand.value(x.z, step),
          operand.value(x.w, step)};
}

/// A matrix in memory, or the transposed one.
template <Along along_>
struct Matrix {
  static constexpr Along along = along_;
  static constexpr bool copies = true, can_be_quads = true;
  using Line = int;
  using Step = int;

  const float* data;  ///< first element
  int stride;         ///< elements from one row in memory to the next
  int lines;
  bool quads;

  __device__ Line line(int i) const { return along == Along::k ? i * stride : i; }
  __device__ Step step(int k) const { return along == Along::k ? k : k * stride; }
  __device__ bool has(Line, Step) const { return true; }
  __device__ const float* at(Line line, Step step) const { return data + (line + step); }
  __device__ float value(float x, Step) const { return x; }
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

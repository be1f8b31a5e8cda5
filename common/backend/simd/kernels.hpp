// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/shape.hpp"

namespace cnn::simd {

/// The innermost loop of every product of matrices, see multiply_tile() in gemm_kernels.hpp.
struct GemmKernels {
  Index rows;     ///< of a tile of the result
  Index columns;  ///< of a tile of the result, a multiple of the register width
  /// c[rows, columns] = (adds ? c : 0) + a^T b with the panels a[depth, rows] and b[depth, columns]; c's rows lie `stride`
  /// elements apart.
  void (*multiply_tile)(float* c, Index stride, const float* a, const float* b, Index depth, bool adds);
};

/// Everything that is compiled once for each instruction set.
struct Kernels {
  Index width;  ///< floats in a register
  GemmKernels gemm;
};

/// \return the kernels of the instruction set in use, see use_simd_level()
const Kernels& kernels();

/// For any CPU of the architecture. \return the kernels
const Kernels& portable_kernels();
/// For AVX2 with fused multiply-add. \return the kernels
const Kernels& avx2_kernels();
/// For AVX-512 (F, CD, DQ, BW, VL). \return the kernels
const Kernels& avx512_kernels();

}  // namespace cnn::simd

// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/shape.hpp"

namespace cnn::simd {

/// Neighbours in memory that become neighbours in a row of a panel.
struct Run {
  Index column;  ///< of the panel, where it starts
  Index offset;  ///< in memory, from the row's own
  Index length;  ///< floats
};

/// What a panel is filled from: element k of its row `d` is data[offsets[d] + the offset that the runs give to k].
struct PanelSource {
  const float* data;
  const Index* offsets;  ///< one for each row of the panel
  Index depth;           ///< rows of the panel
  const Run* runs;       ///< in the order of the columns
  Index run_count;
  bool has_slack;  ///< a register may be read and written behind the end of each run
};

/// The innermost loops of every product of matrices, see gemm_kernels.hpp.
struct GemmKernels {
  Index rows;     ///< of a tile of the result
  Index columns;  ///< of a tile of the result, a multiple of the register width
  Index vectors;  ///< registers across a tile
  /// c[rows, columns] = (adds ? c : 0) + a^T b with the panels a[depth, rows] and b[depth, columns]; c's rows lie `stride`
  /// elements apart.
  void (*multiply_tile)(float* c, Index stride, const float* a, const float* b, Index depth, bool adds);
  /// c[rows, vectors] = products of the rows a[i][depth] and b[j][depth].
  void (*multiply_rows)(float* c, const float* const* a, const float* const* b, Index depth);
  /// panel[depth, columns] = copies of runs of memory.
  void (*pack_panel)(float* panel, Index columns, const PanelSource& from);
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

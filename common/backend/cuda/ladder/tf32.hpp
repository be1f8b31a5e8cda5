// SPDX-License-Identifier: MIT
#pragma once

#include <mma.h>

#include "common/backend/cuda/launch.hpp"
#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// A tile of A or B in shared memory, in the order in which its numbers lie in the memory of the device: tensor cores take both.
/// With 4 or 8 numbers of padding, the 32 threads of a warp that load a matrix from it ask each bank once.
template <Along along>
struct alignas(32) TensorTile {
  static constexpr int lines = 128, depth = 32;
  static constexpr int stride = along == Along::k ? depth + 4 : lines + 8;
  float numbers[(along == Along::k ? lines : depth) * stride];  ///< [line][k] or [k][line]

  /// \param line,k  of an element
  /// \return        where it is
  __device__ float* at(int line, int k) {
    return numbers + (along == Along::k ? line * stride + k : k * stride + line);
  }
};

/// What a block shares: its tiles, and at the end sums on their way from tensor cores to C.
template <typename P>
union TensorMemory {
  struct {
    TensorTile<decltype(P::a)::along> a;
    TensorTile<decltype(P::b)::along> b;
  } tiles;
  static constexpr int width = 40;  // of which the last 8 are padding
  float sums[8][16][width];         ///< of each warp
};

/// \throws DeviceError  the current device has no tensor cores for tf32
inline void check_has_tf32() {
  const DeviceInfo& device = device_info(current_device());
  CNN_CHECK(device.capability >= 80, DeviceError,
            "[cuda] the kernel tf32 needs compute capability 8.0, and " + device.name + " has " +
                std::to_string(device.capability / 10) + "." + std::to_string(device.capability % 10) +
                "; choose another one (--cuda-kernel vectors)");
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800

/// A block makes 128 x 128 elements of C, and each of its 8 warps 64 x 32 of them: 4 x 2 matrices, which lie spread over the
/// registers of its threads. Which thread has which element is not said; so they all load, multiply and store together.
template <typename P>
struct TensorWarp {
  static constexpr int rows = 4, columns = 2, side = 16, depth = 8;  // matrices of 16 x 8, 8 x 16 and 16 x 16
  static constexpr bool a_along_k = decltype(P::a)::along == Along::k;
  static constexpr bool b_along_k = decltype(P::b)::along == Along::k;
  template <typename Use, bool by_rows>
  using Factor =
      nvcuda::wmma::fragment<Use, side, side, depth, nvcuda::wmma::precision::tf32,
                             std::conditional_t<by_rows, nvcuda::wmma::row_major, nvcuda::wmma::col_major>>;

  int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  int row = warp / 4 * rows * side, column = warp % 4 * columns * side;  // in the block's tile
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, side, side, depth, float> sums[rows][columns];

  __device__ TensorWarp() {
    for (auto& line : sums)
      for (auto& sum : line) nvcuda::wmma::fill_fragment(sum, 0.0F);
  }

  /// sums += A B
  /// \param memory  tiles of A and B
  /// \param count   how many of their k there are
  //! [multiply]
  __device__ void multiply(TensorMemory<P>& memory, int count) {
    auto& [a_tile, b_tile] = memory.tiles;
    Factor<nvcuda::wmma::matrix_a, a_along_k> a;
    Factor<nvcuda::wmma::matrix_b, !b_along_k> b[columns];
    for (int k = 0; k < count; k += depth) {
#pragma unroll
      for (int j = 0; j < columns; ++j)
        load_matrix_sync(b[j], b_tile.at(column + j * side, k), b_tile.stride);
#pragma unroll
      for (int i = 0; i < rows; ++i) {
        load_matrix_sync(a, a_tile.at(row + i * side, k), a_tile.stride);
#pragma unroll
        for (int j = 0; j < columns; ++j) mma_sync(sums[i][j], a, b[j], sums[i][j]);
      }
    }
  }
  //! [multiply]

  /// \param p        the product
  /// \param memory   overwritten
  /// \param slice    of k
  /// \param first_m  row with which the block's tile begins
  /// \param first_n  column with which it begins
  __device__ void write(const P& p, TensorMemory<P>& memory, int slice, int first_m, int first_n) {
    auto& rows_of_warp = memory.sums[warp];
    const int n = first_n + column + lane;
#pragma unroll
    for (int i = 0; i < rows; ++i) {
#pragma unroll
      for (int j = 0; j < columns; ++j)
        store_matrix_sync(&rows_of_warp[0][j * side], sums[i][j], memory.width, nvcuda::wmma::mem_row_major);
      __syncwarp();
      const int m = first_m + row + i * side;
      for (int r = 0; r < side; ++r)
        if (m + r < p.a.lines && n < p.b.lines) p.c.write(slice, m + r, n, rows_of_warp[r][lane]);
      __syncwarp();
    }
  }
};

/// Loads a tile of an operand; each number is rounded on its way, once for all warps.
/// \param tile     in shared memory
/// \param operand  A or B
/// \param first    line with which the tile begins
/// \param first_k  k with which the tile begins
/// \param last_k   where k ends
template <typename Operand>
__device__ void load_rounded(TensorTile<Operand::along>& tile, const Operand& operand, int first, int first_k,
                             int last_k) {
  constexpr int lines = TensorTile<Operand::along>::lines, depth = TensorTile<Operand::along>::depth;
  for (int i = static_cast<int>(threadIdx.x); i < lines * depth; i += 256) {
    const int line = Operand::along == Along::k ? i / depth : i % lines;
    const int k = Operand::along == Along::k ? i % depth : i / lines;
    const bool exists = first + line < operand.lines && first_k + k < last_k;
    const float x =
        element(operand, operand.line(exists ? first + line : 0), operand.step(first_k + k), exists);
    *tile.at(line, k) = nvcuda::wmma::__float_to_tf32(x);
  }
}

/// Beside the ladder: *tensor cores* multiply. A warp hands them 16 x 8 elements of A and 8 x 16 of B, and gets 16 x 16 sums in
/// float. What they multiply are floats with 10 bits of mantissa instead of 23 (*tf32*): each factor is off by up to 2^-11 of it, a
/// sum by up to 2^-10 of what the absolute values of its products would sum to. The tiles are as large as those of `registers`:
/// 32 FLOP per byte loaded.
template <typename P>
__global__ void __launch_bounds__(256) multiply_tf32(const __grid_constant__ P p) {
  using Tile = TensorTile<Along::k>;
  TensorMemory<P>& memory = *dynamic_shared<TensorMemory<P>>();
  const int first_m = static_cast<int>(blockIdx.y) * Tile::lines;
  const int first_n = static_cast<int>(blockIdx.x) * Tile::lines;
  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  TensorWarp<P> warp;
  for (int k = range.first; k < range.last; k += Tile::depth) {
    load_rounded(memory.tiles.a, p.a, first_m, k, range.last);
    load_rounded(memory.tiles.b, p.b, first_n, k, range.last);
    __syncthreads();
    warp.multiply(memory, min(Tile::depth, range.last - k));
    __syncthreads();
  }
  warp.write(p, memory, slice, first_m, first_n);
}

#else

/// Cards without tf32 have none of it, and launch_tf32() says so.
template <typename P>
__global__ void multiply_tf32(const __grid_constant__ P) {}

#endif

/// \param p  a product
/// \throws DeviceError  the device has no tensor cores for tf32, or the launch failed
template <typename P>
void launch_tf32(const P& p) {
  check_has_tf32();
  constexpr int lines = TensorTile<Along::k>::lines;
  launch(multiply_tf32<P>,
         {.grid = dim3(ceil_div(p.b.lines, lines), ceil_div(p.a.lines, lines),
                       static_cast<unsigned>(p.slices.count())),
          .block = 256,
          .shared_bytes = sizeof(TensorMemory<P>)},
         p);
}

}  // namespace cnn::cuda

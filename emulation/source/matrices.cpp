// SPDX-License-Identifier: MIT
#include <mma.h>

#include <cstring>
#include <stdexcept>

#include "block.hpp"
#include "runtime.hpp"

namespace emulation {
namespace {

constexpr unsigned side = 16, depth = 8;  // of the matrices that a warp multiplies

void check_device() {
  constexpr int first_with_tf32 = 80;
  if (const int capability = runtime().capability; capability < first_with_tf32)
    throw std::runtime_error("tensor cores multiply tf32 from compute capability 8.0 on, this device has " +
                             std::to_string(capability / 10) + "." + std::to_string(capability % 10));
}

/// A float of which tensor cores would look at a part only is a mistake of the kernel.
float checked(float x, const char* matrix) {
  const unsigned bits = __float_as_uint(x);
  if ((bits & 0x1fffu) != 0 && x == x)
    throw std::invalid_argument(std::string("mma_sync(): an element of ") + matrix +
                                " is no tf32 number; __float_to_tf32() makes one of a float");
  return x;
}

void multiply(const LaneOfProduct (&lanes)[warp_lanes]) {
  check_device();
  float a[side][depth], b[depth][side], c[side][side];
  for (unsigned lane = 0; lane < warp_lanes; ++lane) {
    const LaneOfProduct& l = lanes[lane];
    for (unsigned i = 0; i < side * depth / warp_lanes; ++i) {
      a[line_of(lane, i)][depth_of(lane, i)] = checked(l.a[i], "matrix_a");
      b[depth_of(lane, i)][line_of(lane, i)] = checked(l.b[i], "matrix_b");
    }
    for (unsigned i = 0; i < side * side / warp_lanes; ++i) c[row_of(lane, i)][column_of(lane, i)] = l.c[i];
  }
  for (unsigned m = 0; m < side; ++m)
    for (unsigned n = 0; n < side; ++n)
      for (unsigned k = 0; k < depth; ++k) c[m][n] += a[m][k] * b[k][n];
  for (unsigned lane = 0; lane < warp_lanes; ++lane)
    for (unsigned i = 0; i < side * side / warp_lanes; ++i)
      lanes[lane].d[i] = c[row_of(lane, i)][column_of(lane, i)];
}

void check(const MatrixInMemory (&lanes)[warp_lanes]) {
  check_device();
  const MatrixInMemory& one = lanes[0];
  for (const MatrixInMemory& other : lanes)
    if (other.data != one.data || other.stride != one.stride)
      throw std::invalid_argument("the lanes of a warp load or store different matrices");
  if (reinterpret_cast<std::uintptr_t>(one.data) % 32 != 0 || one.stride % 4 != 0)
    throw std::invalid_argument(
        "a matrix for tensor cores begins at a multiple of 32 bytes, and its rows lie a multiple of 16 bytes "
        "apart");
}

/// Hands what each lane gave to a function.
template <typename Lane, void (*work)(const Lane (&)[warp_lanes])>
void together(const std::uint64_t (&values)[warp_lanes]) {
  Lane lanes[warp_lanes];
  for (unsigned i = 0; i < warp_lanes; ++i)
    lanes[i] = *reinterpret_cast<const Lane*>(static_cast<std::uintptr_t>(values[i]));
  work(lanes);
}

}  // namespace

void multiply_matrices(LaneOfProduct lane, Place place) {
  Block::active().meet(&lane, together<LaneOfProduct, multiply>, place);
}

void check_matrix(MatrixInMemory matrix, Place place) {
  Block::active().meet(&matrix, together<MatrixInMemory, check>, place);
}

}  // namespace emulation

// SPDX-License-Identifier: MIT
// Products of matrices on tensor cores, as far as the project uses them: a warp multiplies 16 x 8 by 8 x 16 numbers in tf32 and adds
// to 16 x 16 floats. Who has which elements is NVIDIA's affair; here it is as nvcc 13 has it, so that accesses can be counted.
#pragma once

#include "emulation/device_code.h"

namespace emulation {

/// What a lane gives to a product D = A B + C: its elements of each.
struct LaneOfProduct {
  float* d;
  const float *a, *b, *c;
};
/// Multiplies when all 32 lanes have come. \throws std::exception  an element of A or B is no tf32 number, or the device has no tf32
void multiply_matrices(LaneOfProduct lane, Place place);

/// Where a lane says that a matrix lies: its first element, and elements from there to the next row or column.
struct MatrixInMemory {
  const float* data;
  unsigned stride;
};
/// Waits for all 32 lanes. \throws std::exception  they do not agree, or the matrix does not lie as tensor cores need it
void check_matrix(MatrixInMemory matrix, Place place);

/// \return the row of A or column of B that element i of a lane belongs to
constexpr unsigned line_of(unsigned lane, unsigned i) { return lane / 4 + i % 2 * 8; }
/// \return its place in there
constexpr unsigned depth_of(unsigned lane, unsigned i) { return lane % 4 + i / 2 * 4; }
/// \return the row of C and D that element i of a lane belongs to
constexpr unsigned row_of(unsigned lane, unsigned i) { return lane / 4 + i / 2 % 2 * 8; }
/// \return its column; elements 2 j and 2 j + 1 lie side by side
constexpr unsigned column_of(unsigned lane, unsigned i) { return lane % 4 * 2 + i % 2 + i / 4 * 8; }

}  // namespace emulation

// NOLINTBEGIN: the names are not ours
namespace nvcuda::wmma {

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
namespace precision {
struct tf32;
}
enum layout_t { mem_row_major, mem_col_major };

/// Elements of a lane; what nobody wrote is not a number.
template <unsigned count>
struct Elements {
  static constexpr unsigned num_elements = count;
  float x[count];

  Elements() {
    for (float& element : x) element = __int_as_float(-1);
  }
};
template <typename Use, int m, int n, int k, typename T, typename Layout = void>
class fragment;
template <typename Layout>
class fragment<matrix_a, 16, 16, 8, precision::tf32, Layout> : public Elements<4> {};
template <typename Layout>
class fragment<matrix_b, 16, 16, 8, precision::tf32, Layout> : public Elements<4> {};
template <>
class fragment<accumulator, 16, 16, 8, float> : public Elements<8> {};

/// Rounds to 10 bits of mantissa, ties away from zero.
inline float __float_to_tf32(float x) {
  const unsigned bits = __float_as_uint(x), magnitude = bits & 0x7fffffffu, infinity = 0x7f800000u;
  if (magnitude > infinity) return __uint_as_float(0x7fffffffu);
  return magnitude == infinity ? x : __uint_as_float((bits + 0x1000u) & ~0x1fffu);
}

template <unsigned count>
void fill_fragment(Elements<count>& f, float value) {
  for (float& element : f.x) element = value;
}

// Each lane reads before it waits for the others, and writes after it: no order among them but __syncwarp() can be relied on.

template <typename Use, typename Layout>
void load_matrix_sync(fragment<Use, 16, 16, 8, precision::tf32, Layout>& f, const float* p, unsigned stride,
                      EMULATION_CALLER) {
  constexpr bool by_lines = std::is_same_v<Use, matrix_a> == std::is_same_v<Layout, row_major>;
  const auto lane = static_cast<unsigned>(emulation::lane());
  for (unsigned i = 0; i < f.num_elements; ++i) {
    const unsigned line = emulation::line_of(lane, i), k = emulation::depth_of(lane, i);
    f.x[i] = p[by_lines ? line * stride + k : k * stride + line];
  }
  emulation::check_matrix({p, stride}, EMULATION_PLACE);
}

inline void store_matrix_sync(float* p, const fragment<accumulator, 16, 16, 8, float>& f, unsigned stride,
                              layout_t layout, EMULATION_CALLER) {
  emulation::check_matrix({p, stride}, EMULATION_PLACE);
  const auto lane = static_cast<unsigned>(emulation::lane());
  for (unsigned i = 0; i < f.num_elements; i += 2) {
    const unsigned row = emulation::row_of(lane, i), column = emulation::column_of(lane, i);
    if (layout == mem_row_major) {
      const float2 neighbours{f.x[i], f.x[i + 1]};
      *reinterpret_cast<float2*>(p + row * stride + column) = neighbours;
    } else {
      p[column * stride + row] = f.x[i];
      p[(column + 1) * stride + row] = f.x[i + 1];
    }
  }
}

template <typename LayoutA, typename LayoutB>
void mma_sync(fragment<accumulator, 16, 16, 8, float>& d,
              const fragment<matrix_a, 16, 16, 8, precision::tf32, LayoutA>& a,
              const fragment<matrix_b, 16, 16, 8, precision::tf32, LayoutB>& b,
              const fragment<accumulator, 16, 16, 8, float>& c, EMULATION_CALLER) {
  emulation::multiply_matrices({d.x, a.x, b.x, c.x}, EMULATION_PLACE);
}

}  // namespace nvcuda::wmma
// NOLINTEND

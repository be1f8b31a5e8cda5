// SPDX-License-Identifier: MIT

// Products on tensor cores: right ones, and kernels with one mistake each.

#include <mma.h>

#include <limits>

#include "tests/emulation/support.hpp"

namespace {

using namespace nvcuda::wmma;

using A = fragment<matrix_a, 16, 16, 8, precision::tf32, row_major>;
using B = fragment<matrix_b, 16, 16, 8, precision::tf32, row_major>;
using C = fragment<accumulator, 16, 16, 8, float>;

constexpr unsigned side = 16, depth = 8,
                   stride = 20;             // of the matrices, and from one of their lines to the next
constexpr unsigned floats = side * stride;  // that a matrix takes, whatever its layout

/// y = 2 (A B + 1); each warp multiplies matrices of its own.
template <typename LayoutA, typename LayoutB>
__global__ void product(float* y, const float* a, const float* b, layout_t layout) {
  const unsigned first = threadIdx.x / 32 * floats;
  fragment<matrix_a, 16, 16, 8, precision::tf32, LayoutA> of_a;
  fragment<matrix_b, 16, 16, 8, precision::tf32, LayoutB> of_b;
  C sums;
  fill_fragment(sums, 1);
  load_matrix_sync(of_a, a + first, stride);
  load_matrix_sync(of_b, b + first, stride);
  mma_sync(sums, of_a, of_b, sums);
  for (float& sum : sums.x) sum *= 2;
  store_matrix_sync(y + first, sums, stride, layout);
}

/// What a kernel with a mistake does to x, whose floats are tf32 numbers.
enum class Mistake { none, not_rounded, half_a_warp, two_matrices, misaligned, narrow, unwritten };

__global__ void mistaken(float* x, Mistake mistake) {
  A a;
  B b;
  C sums;
  if (mistake != Mistake::unwritten) fill_fragment(sums, 0);
  if (mistake == Mistake::half_a_warp && threadIdx.x >= 16) return;
  const bool apart = mistake == Mistake::two_matrices && threadIdx.x == 7;
  load_matrix_sync(a, x + (apart ? 8 : 0) + (mistake == Mistake::misaligned ? 4 : 0),
                   mistake == Mistake::narrow ? 18 : stride);
  load_matrix_sync(b, x, stride);
  if (mistake == Mistake::not_rounded && threadIdx.x == 9) a.x[2] = 0.1F;
  mma_sync(sums, a, b, sums);
  store_matrix_sync(x, sums, stride, mem_row_major);
}

/// Each lane fills some elements of a matrix that all lanes load.
__global__ void filled_and_loaded(float* y, bool synchronizes) {
  __shared__ __align__(32) float s[side * depth];
  for (unsigned i = threadIdx.x; i < side * depth; i += 32) s[i] = 1;
  if (synchronizes) __syncwarp();
  A a;
  load_matrix_sync(a, s, depth);
  for (unsigned i = 0; i < a.num_elements; ++i) y[4 * threadIdx.x + i] = a.x[i];
}

/// Each lane reads elements of a matrix that all lanes have stored.
__global__ void stored_and_read(float* y, bool synchronizes) {
  __shared__ __align__(32) float s[side * side];
  C c;
  fill_fragment(c, 1);
  store_matrix_sync(s, c, side, mem_row_major);
  if (synchronizes) __syncwarp();
  for (unsigned i = threadIdx.x; i < side * side; i += 32) y[i] = s[i];
}

/// Whole numbers, which tf32 has exactly.
std::vector<float> whole_numbers(std::size_t count, int seed) {
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; ++i)
    x[i] = static_cast<float>((seed + 7 * static_cast<int>(i)) % 11 - 5);
  return x;
}

void upload(const Floats& x, const std::vector<float>& values) {
  cudaMemcpy(x.data(), values.data(), x.bytes(), cudaMemcpyDefault);
}

/// Two warps multiply; [row][column] of all matrices is what the loops make of it.
template <typename LayoutA, typename LayoutB>
void check_product(layout_t layout, unsigned seed) {
  const Floats x(2 * floats), w(2 * floats), y(2 * floats);
  const std::vector<float> a = whole_numbers(2 * floats, 1), b = whole_numbers(2 * floats, 5);
  upload(x, a);
  upload(w, b);
  emulation::set_schedule(seed);
  BOOST_TEST(run(product<LayoutA, LayoutB>, 1, 64, y.data(), static_cast<const float*>(x.data()),
                 static_cast<const float*>(w.data()), layout) == cudaSuccess);
  const std::vector<float> some = y.host();
  const auto at = [](bool rows, unsigned row, unsigned column) {
    return rows ? row * stride + column : column * stride + row;
  };
  constexpr bool a_by_rows = std::is_same_v<LayoutA, row_major>,
                 b_by_rows = std::is_same_v<LayoutB, row_major>;
  for (unsigned warp = 0; warp < 2; ++warp)
    for (unsigned m = 0; m < side; ++m)
      for (unsigned n = 0; n < side; ++n) {
        float sum = 1;
        for (unsigned k = 0; k < depth; ++k)
          sum += a[warp * floats + at(a_by_rows, m, k)] * b[warp * floats + at(b_by_rows, k, n)];
        BOOST_TEST(some[warp * floats + at(layout == mem_row_major, m, n)] == 2 * sum);
      }
}

cudaError_t make(Mistake mistake, dim3 threads = 32) {
  const Floats x(2 * floats);
  upload(x, whole_numbers(2 * floats, 3));
  const cudaError_t status = run(mistaken, 1, threads, x.data(), mistake);
  if (status == cudaSuccess) BOOST_TEST(any_nan(x.host()) == (mistake == Mistake::unwritten));
  return status;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(matrices, Clean)

BOOST_AUTO_TEST_CASE(are_multiplied_whatever_their_layout) {
  for (const unsigned seed : {0u, 1u, 2u})
    for (const layout_t layout : {mem_row_major, mem_col_major}) {
      check_product<row_major, row_major>(layout, seed);
      check_product<row_major, col_major>(layout, seed);
      check_product<col_major, row_major>(layout, seed);
      check_product<col_major, col_major>(layout, seed);
    }
}

BOOST_AUTO_TEST_CASE(have_eleven_bits) {
  const float step = 1.0F / 1024, infinity = std::numeric_limits<float>::infinity();
  BOOST_TEST(__float_to_tf32(1) == 1);
  BOOST_TEST(__float_to_tf32(1 + step / 2) == 1 + step);  // a tie
  BOOST_TEST(__float_to_tf32(-1 - step / 2) == -1 - step);
  BOOST_TEST(__float_to_tf32(std::nextafter(1 + step / 2, 0.0F)) == 1);
  BOOST_TEST(__float_to_tf32(2 - step / 8) == 2);
  BOOST_TEST(__float_to_tf32(-infinity) == -infinity);
  BOOST_TEST(__float_to_tf32(std::numeric_limits<float>::max()) == infinity);
  BOOST_TEST(std::isnan(__float_to_tf32(std::numeric_limits<float>::quiet_NaN())));
}

BOOST_AUTO_TEST_CASE(that_nobody_wrote_are_not_numbers) {
  BOOST_TEST(make(Mistake::none) == cudaSuccess);
  BOOST_TEST(make(Mistake::unwritten) == cudaSuccess);
}

BOOST_AUTO_TEST_CASE(that_are_not_rounded_are_refused) {
  BOOST_TEST(says(make(Mistake::not_rounded), "an element of matrix_a is no tf32 number"));
}

BOOST_AUTO_TEST_CASE(want_all_lanes_of_a_warp) {
  const cudaError_t status = make(Mistake::half_a_warp);
  BOOST_TEST(says(status, "matrices.cpp:"));
  BOOST_TEST(says(status, "thread (16,0,0) of block (0,0,0) has returned"));
  emulation::reset();
  BOOST_TEST(says(make(Mistake::none, 16), "has fewer lanes"));
}

BOOST_AUTO_TEST_CASE(are_the_same_for_all_lanes) {
  BOOST_TEST(says(make(Mistake::two_matrices), "different matrices"));
}

BOOST_AUTO_TEST_CASE(lie_where_tensor_cores_can_load_them) {
  BOOST_TEST(says(make(Mistake::misaligned), "a multiple of 32 bytes"));
  emulation::reset();
  BOOST_TEST(says(make(Mistake::narrow), "a multiple of 16 bytes apart"));
}

BOOST_AUTO_TEST_CASE(want_a_card_that_has_them) {
  emulation::set_capability(75);
  BOOST_TEST(says(make(Mistake::none), "from compute capability 8.0 on, this device has 7.5"));
}

BOOST_AUTO_TEST_CASE(order_no_accesses) {
  const Floats y(side * side);
#if !defined(__SANITIZE_THREAD__)  // for which races.cpp has these
  BOOST_TEST(run(filled_and_loaded, 1, 32, y.data(), false) == cudaSuccess);
  BOOST_TEST(any_nan(y.host()));
  BOOST_TEST(run(stored_and_read, 1, 32, y.data(), false) == cudaSuccess);
  BOOST_TEST(any_nan(y.host()));
#endif
  BOOST_TEST(run(filled_and_loaded, 1, 32, y.data(), true) == cudaSuccess);
  BOOST_TEST(run(stored_and_read, 1, 32, y.data(), true) == cudaSuccess);
  BOOST_TEST((y.host() == std::vector<float>(side * side, 1)));
}

BOOST_AUTO_TEST_SUITE_END()

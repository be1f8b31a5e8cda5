// SPDX-License-Identifier: MIT

// What kernels ask of the memory is counted; kernels with one mistake each show it in their counts.

#include <cuda_pipeline.h>
#include <mma.h>

#include <emulation/counts.hpp>

#include "tests/emulation/support.hpp"

namespace {

constexpr int side = 32;

/// y = x transposed, by a block of 32 x 32 threads; `row` numbers of a row of the tile are in shared memory.
template <int row>
__device__ void transpose(float* y, const float* x, float* tile) {
  const int i = static_cast<int>(threadIdx.y), j = static_cast<int>(threadIdx.x);
  tile[i * row + j] = x[i * side + j];
  __syncthreads();
  y[i * side + j] = tile[j * row + i];
}
__global__ void columns_in_one_bank(float* y, const float* x) {
  __shared__ float tile[side * side];
  transpose<side>(y, x, tile);
}
__global__ void padded_columns(float* y, const float* x) {
  __shared__ float tile[side * (side + 1)];
  transpose<side + 1>(y, x, tile);
}
__global__ void copy_rows(float* y, const float* x) {
  y[threadIdx.y * side + threadIdx.x] = x[threadIdx.y * side + threadIdx.x];
}
__global__ void copy_from_columns(float* y, const float* x) {
  y[threadIdx.y * side + threadIdx.x] = x[threadIdx.x * side + threadIdx.y];
}
__global__ void copy_quads(float4* y, const float4* x) {
  __shared__ float4 tile[side];
  tile[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = tile[threadIdx.x];
}
__global__ void copy_past_registers(float4* y, const float4* x) {
  __shared__ float4 tile[side];
  __pipeline_memcpy_async(&tile[threadIdx.x], &x[threadIdx.x], sizeof(float4));
  __pipeline_commit();
  __pipeline_wait_prior(0);
  y[threadIdx.x] = tile[threadIdx.x];
}
__global__ void one_word_for_all(float* y, const float* x) {
  __shared__ float word;
  if (threadIdx.x == 0) word = *x;
  __syncthreads();
  y[threadIdx.x] = word;
}
__global__ void in_a_loop(float* y, const float* x) {
  for (unsigned i = threadIdx.x; i < 40; i += side) y[i] = x[i];
}
/// Rows of a matrix for tensor cores lie `row` numbers apart in shared memory.
template <unsigned row>
__device__ void load_matrix(float* y, const float* x, float* tile) {
  namespace wmma = nvcuda::wmma;
  for (unsigned i = threadIdx.x; i < 8 * row; i += side) tile[i] = x[i];
  __syncthreads();
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::row_major> b;
  wmma::load_matrix_sync(b, tile, row);
  for (unsigned i = 0; i < b.num_elements; ++i) y[side * i + threadIdx.x] = b.x[i];
}
__global__ void matrix_in_few_banks(float* y, const float* x) {
  __shared__ __align__(32) float tile[8 * 64];
  load_matrix<64>(y, x, tile);
}
__global__ void padded_matrix(float* y, const float* x) {
  __shared__ __align__(32) float tile[8 * 72];
  load_matrix<72>(y, x, tile);
}
__global__ void store_matrix(float* y, const float*) {
  namespace wmma = nvcuda::wmma;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> c;
  wmma::fill_fragment(c, 1);
  wmma::store_matrix_sync(y, c, 16, wmma::mem_row_major);
}

/// Runs a kernel with matrices of 32 x 32. \return what is counted
template <typename T>
emulation::KernelCounts counted(void (*kernel)(T*, const T*), const char* name, dim3 block) {
  const Floats x(side * side), y(side * side);
  emulation::reset_counts();
  BOOST_TEST(run(kernel, 1, block, reinterpret_cast<T*>(y.data()),
                 reinterpret_cast<const T*>(const_cast<const float*>(x.data()))) == cudaSuccess);
  return emulation::counts_of(name);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(counts, Clean)

BOOST_AUTO_TEST_CASE(conflicts_of_32_lanes_in_a_bank_are_found) {
  const auto c = counted(columns_in_one_bank, "columns_in_one_bank", dim3(side, side));
  BOOST_TEST(c.shared_loads.requests == side);
  BOOST_TEST(c.shared_loads.wavefronts == side * side);
  BOOST_TEST(c.shared_loads.ideal == side);
  BOOST_TEST(c.shared_stores.wavefronts == side);
  const auto padded = counted(padded_columns, "padded_columns", dim3(side, side));
  BOOST_TEST(padded.shared_loads.wavefronts == side);
  BOOST_TEST(padded.shared_stores.wavefronts == side);
}

BOOST_AUTO_TEST_CASE(loads_that_are_not_coalesced_are_found) {
  const auto rows = counted(copy_rows, "copy_rows", dim3(side, side));
  BOOST_TEST(rows.launches == 1);
  BOOST_TEST(rows.threads == side * side);
  BOOST_TEST(rows.shared_bytes == 0);
  BOOST_TEST(rows.loads.requests == side);
  BOOST_TEST(rows.loads.lines == side);
  BOOST_TEST(rows.loads.sectors == side * 4);
  BOOST_TEST(rows.stores.sectors == side * 4);
  const auto columns = counted(copy_from_columns, "copy_from_columns", dim3(side, side));
  BOOST_TEST(columns.loads.requests == side);
  BOOST_TEST(columns.loads.lines == side * side);
  BOOST_TEST(columns.loads.sectors == side * side);
  BOOST_TEST(columns.loads.ideal == side * 4);
  BOOST_TEST(columns.stores.sectors == side * 4);
}

BOOST_AUTO_TEST_CASE(quads_are_one_access) {
  const auto c = counted(copy_quads, "copy_quads", side);
  BOOST_TEST(c.loads.requests == 1);
  BOOST_TEST(c.loads.sectors == 16);
  BOOST_TEST(c.shared_stores.wavefronts == 4);
  BOOST_TEST(c.shared_loads.wavefronts == 4);
  BOOST_TEST(c.shared_loads.ideal == 4);
}

BOOST_AUTO_TEST_CASE(asynchronous_copies_are_one_access_each) {
  const auto c = counted(copy_past_registers, "copy_past_registers", side);
  BOOST_TEST(c.loads.requests == 1);
  BOOST_TEST(c.loads.sectors == 16);
  BOOST_TEST(c.shared_stores.requests == 1);
  BOOST_TEST(c.shared_stores.wavefronts == 4);
}

BOOST_AUTO_TEST_CASE(matrices_are_loaded_and_stored_by_all_lanes) {
  const auto c = counted(matrix_in_few_banks, "matrix_in_few_banks", side);
  BOOST_TEST(c.shared_loads.requests == 4);
  BOOST_TEST(c.shared_loads.wavefronts == 4 * 4);  // four rows begin in one bank
  BOOST_TEST(counted(padded_matrix, "padded_matrix", side).shared_loads.wavefronts == 4);
  const auto stored = counted(store_matrix, "store_matrix", side);
  BOOST_TEST(stored.stores.requests == 4);
  BOOST_TEST(stored.stores.sectors == 16 * 16 * 4 / 32);
}

BOOST_AUTO_TEST_CASE(a_word_that_all_lanes_read_is_fetched_once) {
  const auto c = counted(one_word_for_all, "one_word_for_all", side);
  BOOST_TEST(c.shared_loads.wavefronts == 1);
  BOOST_TEST(c.shared_loads.words == 1);
  BOOST_TEST(c.loads.sectors == 1);
  BOOST_TEST(c.loads.ideal == 1);
}

BOOST_AUTO_TEST_CASE(each_turn_of_a_loop_is_a_request) {
  const auto c = counted(in_a_loop, "in_a_loop", side);
  BOOST_TEST(c.loads.requests == 2);
  BOOST_TEST(c.loads.sectors == 5);
}

BOOST_AUTO_TEST_CASE(traffic_is_that_of_a_range) {
  const Floats x(side * side), y(side * side);
  emulation::reset_counts();
  for (int i = 0; i < 3; ++i)
    run(copy_rows, 1, dim3(side, side / 2), y.data(), static_cast<const float*>(x.data()));
  BOOST_TEST(emulation::traffic(x.data(), x.bytes()).loaded == 3 * side / 2 * 4);
  BOOST_TEST(emulation::traffic(x.data(), x.bytes()).stored == 0);
  BOOST_TEST(emulation::traffic(y.data(), y.bytes() / 2).stored == 3 * side / 2 * 4);
  BOOST_TEST(emulation::traffic(y.data() + side * side / 2, y.bytes() / 2).stored == 0);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "tests/emulation/support.hpp"

BOOST_FIXTURE_TEST_SUITE(copies, Clean)

BOOST_AUTO_TEST_CASE(rows_are_copied_with_their_pitches) {
  const std::vector<float> from{1, 2, 3, 4, 5, 6};  // [2, 3]
  Floats x(8);                                      // [2, 4]
  cudaMemset(x.data(), 0, x.bytes());
  BOOST_TEST(cudaMemcpy2DAsync(x.data() + 1, 16, from.data(), 12, 8, 2, cudaMemcpyDefault) == cudaSuccess);
  BOOST_TEST((x.host() == std::vector<float>{0, 1, 2, 0, 0, 4, 5, 0}));
  std::vector<float> column(2);
  BOOST_TEST(cudaMemcpy2DAsync(column.data(), 4, x.data() + 1, 16, 4, 2, cudaMemcpyDefault) == cudaSuccess);
  BOOST_TEST((column == std::vector<float>{1, 4}));
  BOOST_TEST(emulation::counters().uploads == 1);
  BOOST_TEST(emulation::counters().upload_bytes == 16);
  BOOST_TEST(emulation::counters().downloads == 2);
}

BOOST_AUTO_TEST_CASE(copies_stay_inside_of_an_allocation) {
  Floats x(8);
  const std::vector<float> from(16);
  BOOST_TEST(says(cudaMemcpy(x.data(), from.data(), 36, cudaMemcpyDefault), "beyond the end"));
  BOOST_TEST(
      says(cudaMemcpy2DAsync(x.data(), 20, from.data(), 16, 16, 2, cudaMemcpyDefault), "beyond the end"));
  BOOST_TEST(
      says(cudaMemcpy2DAsync(x.data(), 8, from.data(), 16, 16, 2, cudaMemcpyDefault), "rows that overlap"));
}

BOOST_AUTO_TEST_CASE(the_direction_must_be_that_of_the_pointers) {
  Floats x(8);
  std::vector<float> host(8);
  BOOST_TEST(
      says(cudaMemcpy(x.data(), host.data(), 32, cudaMemcpyDeviceToHost), "do not match the direction"));
}

BOOST_AUTO_TEST_CASE(ordinary_memory_may_be_filled_again_at_once) {
  Floats x(4);
  std::vector<float> host{1, 2, 3, 4};
  cudaMemcpyAsync(x.data(), host.data(), x.bytes(), cudaMemcpyDefault);
  host.assign(4, 0);
  BOOST_TEST((x.host() == std::vector<float>{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(page_locked_memory_is_kept_while_a_copy_uses_it) {
  Floats x(4);
  auto* locked = new Locked(4, 1);
  cudaMemcpyAsync(x.data(), locked->data, x.bytes(), cudaMemcpyDefault);
  BOOST_TEST(says(cudaFreeHost(locked->data), "that a queued copy still uses"));
  cudaDeviceSynchronize();
  delete locked;
  BOOST_TEST((x.host() == std::vector<float>(4, 1)));
}

BOOST_AUTO_TEST_CASE(what_a_stream_downloads_it_can_upload_again) {
  Floats x(4);
  Floats y(4);
  Locked buffer(4, 0);
  cudaMemset(x.data(), 0, x.bytes());
  cudaMemcpyAsync(buffer.data, x.data(), x.bytes(), cudaMemcpyDefault);
  cudaMemcpyAsync(y.data(), buffer.data, x.bytes(), cudaMemcpyDefault);
  BOOST_TEST((y.host() == std::vector<float>(4, 0)));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "common/core/check.hpp"
#include "common/core/storage.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(storage)

BOOST_AUTO_TEST_CASE(blocks_are_aligned_and_large_enough) {
  for (const Index bytes : {0, 1, 63, 64, 65, 1000, 4097, 1000003}) {
    const auto block = Storage::allocate(bytes, {});
    BOOST_TEST(block->bytes() >= bytes);
    BOOST_TEST(block->bytes() <= std::max<Index>(bytes + bytes / 8 + 64, 64));
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(block->data()) % 64 == 0U);
    BOOST_TEST(to_string(block->device()) == "cpu");
  }
}

BOOST_AUTO_TEST_CASE(memory_in_use_is_counted) {
  reset_peak_memory();
  const MemoryStats before = memory_stats();
  {
    const auto a = Storage::allocate(1 << 20, {});
    const auto b = Storage::allocate(1 << 20, {});
    BOOST_TEST(memory_stats().in_use == before.in_use + (2 << 20));
  }
  BOOST_TEST(memory_stats().in_use == before.in_use);
  BOOST_TEST(memory_stats().peak == before.in_use + (2 << 20));
  reset_peak_memory();
  BOOST_TEST(memory_stats().peak == before.in_use);
  release_cached_memory();
  BOOST_TEST(memory_stats().cached == 0);
}

BOOST_AUTO_TEST_CASE(released_memory_can_be_used_again) {
  const auto block = Storage::allocate(1 << 20, {});
  release_cached_memory();
  std::fill_n(block->data(), block->bytes(), std::byte{7});
  const auto other = Storage::allocate(1 << 20, {});
  std::fill_n(other->data(), other->bytes(), std::byte{8});
  BOOST_TEST((block->data()[block->bytes() - 1] == std::byte{7}));
}

BOOST_AUTO_TEST_CASE(exhausted_memory_is_an_error_that_says_how_much) {
  const MemoryStats before = memory_stats();
  constexpr Index too_much = Index{1} << 60;
  BOOST_CHECK_EXCEPTION(Storage::allocate(too_much, {}), Error, [](const Error& e) {
    return std::string(e.what()).find(std::to_string(too_much >> 20)) != std::string::npos;
  });
  BOOST_TEST(memory_stats().in_use == before.in_use);
}

BOOST_AUTO_TEST_CASE(several_threads_may_allocate) {
  const Index before = memory_stats().in_use;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (Index k = 1; k < 300; ++k) Storage::allocate(k * 37, {})->data()[0] = std::byte{1};
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(memory_stats().in_use == before);
}

BOOST_AUTO_TEST_CASE(bytes_are_copied) {
  const std::array<std::byte, 3> from{std::byte{1}, std::byte{2}, std::byte{3}};
  const auto block = Storage::allocate(3, {});
  copy_rows({block->data(), {}}, {from.data(), {}}, 3);
  BOOST_TEST((block->data()[2] == std::byte{3}));
  copy_rows({nullptr, {}}, {nullptr, {}}, 0);  // nothing to copy, nothing touched
}

BOOST_AUTO_TEST_CASE(meta_has_sizes_and_places_but_no_bytes) {
  const Device meta{DeviceType::meta};
  release_cached_memory(meta);
  const MemoryStats before = memory_stats(meta);
  const Index host = memory_stats().in_use;
  {
    const auto a = Storage::allocate(100, meta), b = Storage::allocate(Index{1} << 45, meta);
    BOOST_TEST(a->data() == nullptr);
    BOOST_TEST(a->bytes() == 128);
    BOOST_TEST(memory_stats(meta).in_use == before.in_use + 128 + (Index{1} << 45));
    BOOST_TEST(memory_stats().in_use == host);
  }
  BOOST_TEST(memory_stats(meta).in_use == before.in_use);
  BOOST_TEST(memory_stats(meta).cached == before.cached + 128 + (Index{1} << 45));
  reset_peak_memory(meta);
  BOOST_TEST(memory_stats(meta).peak == before.in_use);
  release_cached_memory(meta);
  BOOST_TEST(memory_stats(meta).cached == 0);
}

BOOST_AUTO_TEST_CASE(nothing_can_be_read_from_meta) {
  const Device meta{DeviceType::meta};
  const std::array<std::byte, 3> from{};
  std::array<std::byte, 3> to{};
  const auto block = Storage::allocate(3, meta);
  copy_rows({block->data(), meta}, {from.data(), {}}, 3);  // and nothing is written
  BOOST_CHECK_THROW(copy_rows({to.data(), {}}, {block->data(), meta}, 3), DeviceError);
}

BOOST_AUTO_TEST_CASE(rows_are_copied_between_strides) {
  std::array<std::byte, 40> from{}, to{};
  for (std::size_t k = 0; k < from.size(); ++k) from[k] = static_cast<std::byte>(k + 1);
  copy_rows({to.data(), {}, 3}, {from.data(), {}, 4}, 2, 10);
  for (std::size_t row = 0; row < 10; ++row) {
    BOOST_TEST((to[3 * row] == from[4 * row] && to[3 * row + 1] == from[4 * row + 1]));
    BOOST_TEST((to[3 * row + 2] == std::byte{0}));
  }
}

#if !defined(__SANITIZE_ADDRESS__)  // which has each block from the system: see HostHeap
BOOST_AUTO_TEST_CASE(a_freed_block_is_used_again) {
  release_cached_memory();
  const std::byte* const first = Storage::allocate(100000, {})->data();
  BOOST_TEST(memory_stats().cached >= 100000);
  const auto again = Storage::allocate(99999, {});  // rounded up to the same size
  BOOST_TEST(again->data() == first);
  BOOST_TEST(memory_stats().cached == 0);
  const auto other = Storage::allocate(100000, {});
  BOOST_TEST(other->data() != first);
}

BOOST_AUTO_TEST_CASE(free_places_side_by_side_become_one) {
  release_cached_memory();
  const Index mib = Index{1} << 20;
  auto a = Storage::allocate(3 * mib, {});
  auto b = Storage::allocate(5 * mib, {});
  auto c = Storage::allocate(2 * mib, {});
  const auto behind = Storage::allocate(mib, {});
  const std::byte* const first = a->data();
  a.reset();
  c.reset();
  b.reset();  // joins both neighbours
  BOOST_TEST(Storage::allocate(10 * mib, {})->data() == first);
}

BOOST_AUTO_TEST_CASE(other_sizes_need_no_other_memory) {
  release_cached_memory();
  reset_peak_memory();
  const Index mib = Index{1} << 20;
  for (Index size = 100; size < 400; size += 40)
    Storage::allocate(size * mib, {});  // one after the other, untouched
  const MemoryStats stats = memory_stats();
  BOOST_TEST(stats.in_use + stats.cached == stats.peak);
  BOOST_TEST(stats.cached > 0);
  release_cached_memory();
  BOOST_TEST(memory_stats().cached == 0);
}

#endif

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "common/core/check.hpp"
#include "common/core/threads.hpp"

using namespace cnn;

namespace {

using Pieces = std::vector<std::pair<Index, Index>>;

/// The pieces parallel_for() makes, sorted.
Pieces pieces_of(Index count, Index grain) {
  Pieces pieces;
  std::mutex mutex;
  parallel_for(count, grain, [&](Index first, Index last) {
    const std::lock_guard lock(mutex);
    pieces.emplace_back(first, last);
  });
  std::sort(pieces.begin(), pieces.end());
  return pieces;
}

struct RestoreThreads {
  int count = thread_count();
  ~RestoreThreads() { set_thread_count(count); }
};

const auto thread_counts = boost::unit_test::data::make({1, 2, 4, 7});

}  // namespace

BOOST_FIXTURE_TEST_SUITE(threads, RestoreThreads)

BOOST_DATA_TEST_CASE(the_cut_depends_on_sizes_only, thread_counts, threads) {
  set_thread_count(threads);
  BOOST_TEST((pieces_of(10, 4) == Pieces{{0, 4}, {4, 8}, {8, 10}}));
  BOOST_TEST((pieces_of(3, 1) == Pieces{{0, 1}, {1, 2}, {2, 3}}));
  BOOST_TEST((pieces_of(3, 5) == Pieces{{0, 3}}));
  BOOST_TEST((pieces_of(4, 0) == Pieces{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));  // a grain below 1 counts as 1
  BOOST_TEST(pieces_of(0, 4).empty());
}

BOOST_DATA_TEST_CASE(every_item_is_done_once, thread_counts, threads) {
  set_thread_count(threads);
  std::vector<std::atomic<int>> done(1000);
  for (int repeat = 0; repeat < 50; ++repeat) {
    parallel_for(1000, 3, [&](Index first, Index last) {
      for (Index k = first; k < last; ++k) ++done[static_cast<std::size_t>(k)];
    });
  }
  BOOST_TEST(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 50; }));
}

BOOST_DATA_TEST_CASE(an_exception_reaches_the_caller, thread_counts, threads) {
  set_thread_count(threads);
  const auto fail_at_5 = [](Index first, Index) {
    if (first == 5) throw std::out_of_range("five");
  };
  BOOST_CHECK_THROW(parallel_for(10, 1, fail_at_5), std::out_of_range);
  BOOST_CHECK_THROW(parallel_for(6, 100, [](Index, Index) { throw ShapeError("one piece"); }), ShapeError);
  BOOST_TEST(pieces_of(10, 1).size() == 10U);  // and the threads go on working
}

BOOST_DATA_TEST_CASE(a_call_inside_a_piece_runs_there, thread_counts, threads) {
  set_thread_count(threads);
  std::atomic<int> done{0}, elsewhere{0};
  parallel_for(4, 1, [&](Index, Index) {
    const auto self = std::this_thread::get_id();
    parallel_for(8, 2, [&](Index first, Index last) {
      done += static_cast<int>(last - first);
      if (std::this_thread::get_id() != self) ++elsewhere;
    });
  });
  BOOST_TEST(done == 32);
  BOOST_TEST(elsewhere == 0);
}

BOOST_AUTO_TEST_CASE(two_threads_work_at_the_same_time) {
  set_thread_count(2);
  std::atomic<int> arrived{0};
  std::atomic<bool> together{true};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  parallel_for(2, 1, [&](Index, Index) {
    ++arrived;
    while (arrived < 2 && together) {  // each piece waits for the other
      std::this_thread::yield();
      if (std::chrono::steady_clock::now() > deadline) together = false;
    }
  });
  BOOST_TEST(together.load());
}

BOOST_AUTO_TEST_CASE(one_thread_stays_on_the_caller) {
  set_thread_count(1);
  std::set<std::thread::id> ids;
  parallel_for(5, 1, [&](Index, Index) { ids.insert(std::this_thread::get_id()); });
  BOOST_TEST((ids == std::set<std::thread::id>{std::this_thread::get_id()}));
}

BOOST_AUTO_TEST_CASE(callers_from_several_threads_take_turns) {
  set_thread_count(2);
  std::atomic<Index> sum{0};
  const auto add = [&] {
    for (int k = 0; k < 20; ++k) parallel_for(10, 1, [&](Index first, Index) { sum += first; });
  };
  std::thread other(add);
  add();
  other.join();
  BOOST_TEST(sum == 2 * 20 * 45);
}

BOOST_AUTO_TEST_CASE(impossible_counts_are_refused) {
  BOOST_CHECK_THROW(set_thread_count(0), UsageError);
  BOOST_CHECK_THROW(set_thread_count(-1), UsageError);
  BOOST_CHECK_THROW(set_thread_count(1025), UsageError);
  set_thread_count(3);
  BOOST_TEST(thread_count() == 3);
}

BOOST_AUTO_TEST_SUITE_END()

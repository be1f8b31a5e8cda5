// SPDX-License-Identifier: MIT
#include "common/data/prefetcher.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "common/core/check.hpp"

using namespace cnn;
using data::Batch;

BOOST_AUTO_TEST_SUITE(prefetcher)

BOOST_AUTO_TEST_CASE(makes_batches_in_order_on_another_thread) {
  std::vector<std::thread::id> threads;
  std::vector<Index> order;
  {
    data::Prefetcher prefetcher(3, 8, [&](Index number) {
      threads.push_back(std::this_thread::get_id());
      return Batch{{}, {}, number};
    });
    Batch batch;
    while (prefetcher.next(batch)) order.push_back(batch.first);
    BOOST_TEST(!prefetcher.next(batch));
  }
  BOOST_TEST(order == (std::vector<Index>{3, 4, 5, 6, 7}), boost::test_tools::per_element());
  for (const auto& thread : threads)
    BOOST_TEST((thread != std::this_thread::get_id() && thread == threads[0]));
}

BOOST_AUTO_TEST_CASE(works_two_batches_ahead_and_no_further) {
  std::atomic<int> made = 0;
  data::Prefetcher prefetcher(0, 100, [&](Index number) {
    ++made;
    return Batch{{}, {}, number};
  });
  Batch batch;
  prefetcher.next(batch);
  while (made < 3) std::this_thread::yield();  // one taken, two waiting
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  BOOST_TEST(made == 3);
}

BOOST_AUTO_TEST_CASE(rethrows_after_the_batches_made_before) {
  data::Prefetcher prefetcher(0, 10, [](Index number) {
    if (number == 2) throw DataError("[test] no third batch");
    return Batch{{}, {}, number};
  });
  Batch batch;
  BOOST_TEST(prefetcher.next(batch));
  BOOST_TEST(prefetcher.next(batch));
  BOOST_CHECK_THROW(prefetcher.next(batch), DataError);
  BOOST_TEST(!prefetcher.next(batch));
}

BOOST_AUTO_TEST_CASE(a_failure_nobody_asks_for_is_dropped) {
  data::Prefetcher prefetcher(0, 10, [](Index) -> Batch { throw DataError("[test] never seen"); });
}

BOOST_AUTO_TEST_CASE(an_empty_range_needs_no_thread) {
  data::Prefetcher prefetcher(4, 4, [](Index) -> Batch { throw DataError("[test] never called"); });
  Batch batch;
  BOOST_TEST(!prefetcher.next(batch));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// In whatever order blocks, warps and lanes run, results have the same bits: no kernel counts on an order that nothing ensures.
#include <emulation/control.hpp>

#include "tests/common/backend/cuda/operations.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(schedules)

namespace {

constexpr std::size_t number_of_operations = 20;

/// All results of an operation, in a given order of threads.
std::vector<Tensor> in_order(unsigned seed, const OnDevice& operation) {
  device_memory::synchronize(0);
  emulation::set_schedule(seed);
  std::vector<Tensor> results;
  for (const Tensor& result : operation.work()) results.push_back(result.to({}));
  emulation::set_schedule(0);
  return results;
}

}  // namespace

BOOST_DATA_TEST_CASE(change_no_bit, boost::unit_test::data::xrange(number_of_operations), k) {
  const BackendScope scope("cuda");
  for (const Index n : {1, 11}) {
    const std::vector<OnDevice> all = operations(n);
    BOOST_TEST_REQUIRE(all.size() == number_of_operations);
    const OnDevice& operation = all[k];
    const std::vector<Tensor> expected = in_order(0, operation);
    for (const unsigned seed : {1U, 2U, 3U}) {
      const std::vector<Tensor> results = in_order(seed, operation);
      for (std::size_t i = 0; i < results.size(); ++i)
        BOOST_TEST(tensors_close(results[i], expected[i]),
                   operation.name << ", result " << i << ", order " << seed);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

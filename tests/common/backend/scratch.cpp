// SPDX-License-Identifier: MIT
// What a rung says that an operation takes beside its arguments is what it takes: all of it on one thread, no more on two.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/backend/backend.hpp"
#include "common/backend/conv_sizes.hpp"
#include "common/core/storage.hpp"
#include "tests/support/backends.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(scratch)

namespace {

struct Convolution {
  Shape x, weight;
  ConvGeometry geometry;
};

const std::vector<Convolution> convolutions{{{2, 8, 24, 24}, {8, 8, 3, 3}, {.padding = 1}},
                                            {{2, 16, 24, 24}, {4, 16, 3, 3}, {.padding = 1}},
                                            {{2, 1, 24, 24}, {8, 1, 3, 3}, {.padding = 1}},
                                            {{32, 6, 14, 14}, {16, 6, 5, 5}, {}},
                                            {{4, 32, 28, 28}, {40, 32, 1, 1}, {}},
                                            {{3, 3, 40, 40}, {24, 3, 7, 7}, {.stride = 2, .padding = 3}},
                                            {{4, 16, 14, 14}, {32, 16, 3, 3}, {.stride = 2, .padding = 1}},
                                            {{2, 64, 14, 14}, {96, 64, 3, 3}, {.padding = 1}},
                                            {{2, 16, 12, 12}, {24, 16, 5, 5}, {.padding = 2}}};

/// Bytes that an operation has in use beside its arguments, at its peak.
template <typename Work>
double taken(const Work& work) {
  const Index before = memory_stats().in_use;
  reset_peak_memory();
  work();
  return static_cast<double>(memory_stats().peak - before);
}

void check(Operation operation, const Convolution& c, const Backend& backend, double real, bool exact) {
  const auto foretold = static_cast<double>(backend.scratch_bytes(operation, c.x, c.weight, c.geometry));
  BOOST_TEST_CONTEXT("operation " << static_cast<int>(operation) << ", x " << to_string(c.x) << ", weight "
                                  << to_string(c.weight) << ": foretold " << foretold << ", taken " << real) {
    BOOST_TEST(real <= foretold * 1.01 + 1024);  // blocks are rounded up
    if (exact) BOOST_TEST(real >= foretold * 0.9 - 1024);
  }
}

void check_all(bool exact) {
  Backend& backend = backend_for(default_device());
  for (const Convolution& c : convolutions) {
    const ConvSizes s = conv_sizes(c.x, c.weight, c.geometry);
    const Tensor x = Tensor::zeros(c.x), weight = Tensor::zeros(c.weight);
    Tensor y = Tensor::zeros({s.n, s.oc, s.oh, s.ow}), grad_x = x.clone(), grad_weight = weight.clone();
    check(Operation::conv2d, c, backend, taken([&] {
            backend.conv2d(y, x, {weight, nullptr}, c.geometry);
          }),
          exact);
    check(Operation::conv2d_backward_input, c, backend,
          taken([&] { backend.conv2d_backward_input(grad_x, y, weight, c.geometry, Write::overwrites); }),
          exact);
    check(Operation::conv2d_backward_weight, c, backend, taken([&] {
            backend.conv2d_backward_weight(grad_weight, nullptr, y, x, c.geometry, Shards::all(s.n));
          }),
          exact);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(is_what_a_convolution_takes, backends(), backend) {
  const BackendScope scope(backend);
  if (default_device().type != DeviceType::cpu) return;  // the host's memory is what is measured
  const ThreadScope one(1);
  check_all(true);
}

BOOST_DATA_TEST_CASE(is_no_less_than_two_threads_take, backends(), backend) {
  const BackendScope scope(backend);
  if (default_device().type != DeviceType::cpu) return;
  const ThreadScope two(2);
  check_all(false);
}

BOOST_AUTO_TEST_SUITE_END()

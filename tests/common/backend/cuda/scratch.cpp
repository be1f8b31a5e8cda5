// SPDX-License-Identifier: MIT
// What a kernel of the rung cuda says that it takes beside its arguments is what it takes.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/backend/backend.hpp"
#include "common/backend/conv_sizes.hpp"
#include "common/core/device_memory.hpp"
#include "common/core/storage.hpp"
#include "tests/common/backend/cuda/device.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(device_scratch)

namespace {

struct Layer {
  Shape x, weight;
  ConvGeometry geometry = {};
};

const std::vector<Layer> layers{{{9, 1, 14, 14}, {6, 1, 5, 5}, {.padding = 2}},
                                {{3, 16, 9, 9}, {20, 16, 3, 3}, {.padding = 1}},
                                {{2, 8, 11, 11}, {33, 8, 3, 3}, {.stride = 2, .padding = 1}},
                                {{3, 20, 6, 6}, {36, 20, 1, 1}},
                                {{20, 40}, {132, 40}}};

/// Bytes that an operation has in use beside its arguments, at its peak.
template <typename Work>
Index taken(const Work& work) {
  const Index before = device_memory::stats(0).in_use;
  device_memory::reset_peak(0);
  work();
  return device_memory::stats(0).peak - before;
}

void check(const Layer& l) {
  Backend& backend = backend_for(default_device());
  const auto same = [&](Operation operation, const auto& work) {
    const Index foretold = backend.scratch_bytes(operation, l.x, l.weight, l.geometry);
    const Index bytes = taken(work);
    BOOST_TEST_CONTEXT(to_string(l.x) << ", operation " << static_cast<int>(operation)) {
      BOOST_TEST(bytes >= foretold);
      BOOST_TEST(bytes <= foretold + foretold / 100 + 1024);  // blocks are rounded up
    }
  };
  const Tensor x = random(l.x, 1), weight = random(l.weight, 2);
  Tensor grad_x = x.clone(), grad_weight = weight.clone(), grad_bias = random({l.weight[0]}, 3);
  const Shards shards = Shards::all(l.x[0]);
  if (l.x.size() == 2) {
    Tensor y = random({l.x[0], l.weight[0]}, 4);
    same(Operation::linear, [&] { backend.linear(y, x, {weight}); });
    same(Operation::linear_backward_input, [&] { backend.linear_backward_input(grad_x, y, weight); });
    same(Operation::linear_backward_weight,
         [&] { backend.linear_backward_weight(grad_weight, &grad_bias, y, x, shards); });
    return;
  }
  const ConvSizes s = conv_sizes(l.x, l.weight, l.geometry);
  Tensor y = random({s.n, s.oc, s.oh, s.ow}, 4);
  same(Operation::conv2d, [&] { backend.conv2d(y, x, {weight}, l.geometry); });
  same(Operation::conv2d_backward_input,
       [&] { backend.conv2d_backward_input(grad_x, y, weight, l.geometry, Write::overwrites); });
  same(Operation::conv2d_backward_weight,
       [&] { backend.conv2d_backward_weight(grad_weight, &grad_bias, y, x, l.geometry, shards); });
}

}  // namespace

BOOST_DATA_TEST_CASE(is_what_an_operation_takes, boost::unit_test::data::make(kernels_of_the_device()),
                     kernel) {
  const BackendScope rung("cuda");
  const KernelScope choice(kernel);
  for (const Layer& l : layers) check(l);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// The kernel cublas makes the matrix of windows in pieces: of some images, or of some channels of one.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <emulation/control.hpp>

#include "common/core/storage.hpp"
#include "common/ops/conv2d.hpp"
#include "tests/common/backend/cuda/device.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(cublas, *boost::unit_test::precondition(has_device))

namespace {

struct Layer {
  Shape x, weight;
  long forward, backward_input, backward_weight;  // launches, a memset counts as none
};

const ConvGeometry padded{.padding = 5};

/// The first has two pieces of two images and one, the second, of which a channel takes 12 MiB, two of five channels and one. Each
/// piece is made and multiplied. Of eight shards of three images five are empty. A launch joins the shards.
const std::vector<Layer> layers{{{3, 1, 224, 224}, {2, 1, 11, 11}, 4, 4, 3 * 3 + 1},
                                {{1, 6, 160, 160}, {2, 6, 11, 11}, 4, 4, 1 + 2 * 2 + 1}};

struct Results {
  Tensor y, grad_x, grad_weight;
  emulation::Counters forward, backward_input, backward_weight;
};

template <typename Work>
emulation::Counters counted(const Work& work) {
  if (default_device().type != DeviceType::cpu) device_memory::synchronize(0);
  emulation::reset_counters();
  work();
  return emulation::counters();
}

Results run(const Layer& l, const char* rung) {
  const BackendScope scope(rung);
  const Tensor x = random(l.x, 1), weight = random(l.weight, 2);
  Results r;
  r.forward = counted([&] { r.y = ops::conv2d(x, weight, nullptr, padded); });
  const Tensor grad_y = random(r.y.shape(), 3);
  r.backward_input = counted([&] { r.grad_x = ops::conv2d_backward_input(grad_y, l.x, weight, padded); });
  r.grad_weight = random(l.weight, 4);
  r.backward_weight =
      counted([&] { ops::conv2d_backward_weight_into(r.grad_weight, nullptr, grad_y, x, padded); });
  return r;
}

}  // namespace

BOOST_DATA_TEST_CASE(goes_piece_by_piece, boost::unit_test::data::xrange(layers.size()), k) {
  const KernelScope choice("cublas");
  const Results some = run(layers[k], "cuda"), expected = run(layers[k], "reference");
  BOOST_TEST(some.forward.launches == layers[k].forward);
  BOOST_TEST(some.backward_input.launches == layers[k].backward_input);
  BOOST_TEST(some.backward_weight.launches == layers[k].backward_weight);
  BOOST_TEST(tensors_close(some.y, expected.y, {.absolute = 1e-4}));
  BOOST_TEST(tensors_close(some.grad_x, expected.grad_x, {.absolute = 1e-4}));
  BOOST_TEST(
      tensors_close(some.grad_weight, expected.grad_weight, {.absolute = 1e-3}));  // of 50 000 products
}

BOOST_AUTO_TEST_SUITE_END()

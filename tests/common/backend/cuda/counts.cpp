// SPDX-License-Identifier: MIT
// What the kernels ask of the memory is as little as can be, within 5 %: element-wise operations, batch normalization and Adam pass
// over it as often as their formulas need; softmax reads full sectors; the products of `vectors` and `tf32` meet no bank conflict.
#include <boost/test/data/test_case.hpp>

#include <emulation/counts.hpp>

#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/dropout.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/softmax.hpp"
#include "tests/common/backend/cuda/device.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(counted)

namespace {

using emulation::KernelCounts;

/// The operations of a scope run on the rung cuda.
struct OnCuda {
  BackendScope scope{"cuda"};
};

/// Counts the kernels of `work` alone.
template <typename Work>
void count(const Work& work) {
  device_memory::synchronize(0);
  emulation::reset_counts();
  work();
  device_memory::synchronize(0);
}

/// \return whether `sectors` are at most 5 % more than `ideal`
boost::test_tools::assertion_result near(long sectors, long ideal) {
  boost::test_tools::assertion_result result(sectors >= ideal && 100 * sectors <= 105 * ideal);
  result.message() << sectors << " sectors, ideal are " << ideal;
  return result;
}

/// Each request of each kernel that ran is served by the sectors that its bytes fill.
void check_requests() {
  const std::vector<KernelCounts> all = emulation::counts();
  BOOST_TEST(!all.empty());
  for (const KernelCounts& c : all) BOOST_TEST_CONTEXT(c.name) {
      BOOST_TEST(c.stores.requests > 0);
      BOOST_TEST(near(c.loads.sectors, c.loads.ideal));
      BOOST_TEST(near(c.stores.sectors, c.stores.ideal));
    }
}

/// How often all of a tensor was read and written, times its sectors.
struct Passes {
  Tensor x;
  int loads, stores;
};

void check_passes(const std::vector<Passes>& all) {
  for (const Passes& p : all) {
    const auto bytes = static_cast<std::size_t>(p.x.size()) * sizeof(float);
    const emulation::Traffic traffic = emulation::traffic(p.x.data(), bytes);
    const auto sectors = static_cast<long>(bytes / 32);
    BOOST_TEST(near(traffic.loaded, p.loads * sectors));
    BOOST_TEST(near(traffic.stored, p.stores * sectors));
  }
}

const Shape images{64, 4, 32, 32};

}  // namespace

BOOST_FIXTURE_TEST_CASE(activations, OnCuda) {
  const Tensor x = random({4, 8, 30, 30}, 1), grad_y = random(x.shape(), 2);
  Tensor y, grad_x;
  count([&] { y = ops::relu(x); });
  check_requests();
  check_passes({{x, 1, 0}, {y, 0, 1}});
  count([&] { grad_x = ops::relu_backward(grad_y, y); });
  check_requests();
  check_passes({{grad_y, 1, 0}, {y, 1, 0}, {grad_x, 0, 1}});
  count([&] { y = ops::sigmoid(x); });
  check_requests();
  check_passes({{x, 1, 0}, {y, 0, 1}});
  count([&] { grad_x = ops::sigmoid_backward(grad_y, y); });
  check_requests();
  check_passes({{grad_y, 1, 0}, {y, 1, 0}, {grad_x, 0, 1}});
}

BOOST_FIXTURE_TEST_CASE(sums_and_dropout, OnCuda) {
  const Tensor x = random({4, 8, 30, 30}, 1), y = random(x.shape(), 2);
  count([&] {
    Tensor sum = y;
    ops::add_scaled_inplace(sum, x, 0.5F, {.relu = true});
  });
  check_requests();
  check_passes({{x, 1, 0}, {y, 1, 1}});
  Rng rng(3);
  const Tensor mask = ops::dropout_mask(x.shape(), 0.5, rng, x.device());
  Tensor dropped;
  count([&] { dropped = ops::dropout(x, mask, 0.5); });
  check_requests();
  check_passes({{x, 1, 0}, {dropped, 0, 1}});
}

BOOST_FIXTURE_TEST_CASE(batch_normalization_forward_takes_three_passes, OnCuda) {
  const Tensor x = random(images, 1), weight = random({4}, 2), bias = random({4}, 3);
  Tensor y;
  count([&] { y = ops::batch_norm(x, weight, bias).y; });
  check_requests();
  check_passes({{x, 2, 0}, {y, 0, 1}});
}

BOOST_DATA_TEST_CASE_F(OnCuda, batch_normalization_backward_takes_five_passes,
                       boost::unit_test::data::make({false, true}), behind_relu) {
  const Tensor x = random(images, 1), grad_y = random(images, 2);
  const Tensor mean = random({4}, 3), one = on_device(Tensor::from_values({4}, std::vector<float>(4, 1)));
  const Normalization norm{mean, one, one, mean, 1e-5, {.relu = behind_relu}};
  Tensor grad_x;
  count([&] { grad_x = ops::batch_norm_backward(grad_y, x, norm).x; });
  check_requests();
  check_passes({{x, 2, 0}, {grad_y, 2, 0}, {grad_x, 0, 1}});
}

BOOST_DATA_TEST_CASE_F(OnCuda, softmax, boost::unit_test::data::make({10, 1000}), classes) {
  const Tensor z = random({64, classes}, 1), labels = on_device(Tensor::zeros({64}, {}, DType::i64));
  count([&] { ops::softmax(z); });
  check_requests();
  count([&] { ops::softmax_cross_entropy(z, labels); });
  check_requests();
}

BOOST_FIXTURE_TEST_CASE(adam_moves_28_bytes_for_a_parameter, OnCuda) {
  const Tensor weight = random({120, 400}, 1), bias = random({120}, 2), grad = random({120, 400}, 3),
               grad_bias = random({120}, 4);
  const Tensor mean = random(weight.shape(), 5), mean_bias = random(bias.shape(), 6);
  const Tensor square = on_device(Tensor::zeros(weight.shape())),
               square_bias = on_device(Tensor::zeros({120}));
  count([&] {
    ops::adam_step_inplace({{weight, grad, mean, square}, {bias, grad_bias, mean_bias, square_bias}},
                           {0.01, 0.9, 0.999, 1e-8, 0.1, 1});
  });
  check_requests();
  const KernelCounts c = emulation::counts_of("step_kernel");
  const long parameters = weight.size() + bias.size();
  BOOST_TEST(c.launches == 1);
  BOOST_TEST(near(c.loads.sectors, parameters * 16 / 32));
  BOOST_TEST(near(c.stores.sectors, parameters * 12 / 32));
  check_passes({{weight, 1, 1}, {grad, 1, 0}, {mean, 1, 1}, {square, 1, 1}});
}

namespace {

/// Shared memory answers each request of a kernel at once.
void check_wavefronts(const char* kernel) {
  const KernelCounts c = emulation::counts_of(kernel);
  BOOST_TEST(c.launches > 0);
  BOOST_TEST(c.shared_loads.requests > 0);
  BOOST_TEST(c.shared_loads.wavefronts == c.shared_loads.ideal);
  BOOST_TEST(c.shared_stores.requests > 0);
  BOOST_TEST(c.shared_stores.wavefronts == c.shared_stores.ideal);
}

}  // namespace

// Tiles of all three heights, loaded in fours and not.
BOOST_DATA_TEST_CASE_F(OnCuda, vectors_meet_no_bank_conflict_in_linear_layers,
                       boost::unit_test::data::make({128, 64, 32}) * boost::unit_test::data::make({40, 37}),
                       n, in) {
  const KernelScope choice("vectors");
  const Tensor x = random({n, in}, 1), weight = random({128, in}, 2), grad_y = random({n, 128}, 3);
  count([&] { ops::linear(x, weight, nullptr); });
  check_wavefronts("multiply_vectors");
  count([&] { ops::linear_backward(grad_y, x, weight); });
  check_wavefronts("multiply_vectors");
}

BOOST_DATA_TEST_CASE_F(OnCuda, vectors_meet_no_bank_conflict_in_convolutions,
                       boost::unit_test::data::make({128, 64, 32}) * boost::unit_test::data::make({8, 9}),
                       channels, side) {
  const KernelScope choice("vectors");
  const Tensor x = random({2, 16, side, side}, 1), kernels = random({channels, 16, 3, 3}, 2);
  const Tensor grad_y = random({2, channels, side, side}, 3);
  count([&] { ops::conv2d(x, kernels, nullptr, {.padding = 1}); });
  check_wavefronts("multiply_vectors");
  count([&] { ops::conv2d_backward(grad_y, x, kernels, {.padding = 1}); });
  check_wavefronts("multiply_vectors");
}

// Whole tiles, and parts of them; operands with neighbours along k and along lines.
BOOST_DATA_TEST_CASE_F(OnCuda, tensor_cores_meet_no_bank_conflict, boost::unit_test::data::make({128, 37}),
                       n) {
  const KernelScope choice("tf32");
  const Tensor x = random({n, 40}, 1), weight = random({128, 40}, 2), grad_y = random({n, 128}, 3);
  count([&] { ops::linear(x, weight, nullptr); });
  check_wavefronts("multiply_tf32");
  count([&] { ops::linear_backward(grad_y, x, weight); });
  check_wavefronts("multiply_tf32");
  const Tensor images = random({2, 16, 9, 9}, 4), kernels = random({n, 16, 3, 3}, 5);
  Tensor y;
  count([&] { y = ops::conv2d(images, kernels, nullptr, {.padding = 1}); });
  check_wavefronts("multiply_tf32");
  count([&] { ops::conv2d_backward(y, images, kernels, {.padding = 1}); });
  check_wavefronts("multiply_tf32");
}

BOOST_AUTO_TEST_SUITE_END()

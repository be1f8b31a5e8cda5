// SPDX-License-Identifier: MIT
// A layer that does the work of the batch normalization behind it gives what both give in evaluation.
#include <boost/test/unit_test.hpp>

#include "common/core/check.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/fold.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/linear.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::random_tensor;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(fold)

namespace {

constexpr test::Tolerance near{1e-5, 1e-6};

/// Gives a normalization numbers of its own: parameters and statistics, of which the variance is positive.
void fill(nn::Module& norm) {
  std::uint64_t seed = 10;
  for (nn::Parameter* p : norm.own_parameters()) p->value = random_tensor(p->value.shape(), ++seed);
  for (nn::Buffer* b : norm.own_buffers()) {
    if (b->value.dtype() != DType::f32) continue;
    b->value = random_tensor(b->value.shape(), ++seed);
    for (float& v : b->value.values()) v = v * v + 0.1F;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(convolution_gives_what_both_give) {
  for (const bool bias : {true, false}) {
    Rng rng(3);
    nn::Sequential both{nn::Conv2d{3, 5, {.kernel = 3, .padding = 1, .bias = bias}, rng},
                        nn::BatchNorm2d{5, {.epsilon = 0.01}}};
    fill(both[1]);
    both.train(false);
    const Tensor x = random_tensor({2, 3, 6, 7}, 1);
    const nn::Folded folded = nn::fold_batch_norm(both[0], both[1]);
    BOOST_TEST(
        tensors_close(ops::conv2d(x, folded.weight, &folded.bias, {.padding = 1}), both.forward(x), near));
  }
}

BOOST_AUTO_TEST_CASE(linear_layer_gives_what_both_give) {
  Rng rng(3);
  nn::Sequential both{nn::Linear{7, 4, rng}, nn::BatchNorm1d{4}};
  fill(both[1]);
  both.train(false);
  const Tensor x = random_tensor({3, 7}, 1);
  const nn::Folded folded = nn::fold_batch_norm(both[0], both[1]);
  BOOST_TEST(tensors_close(ops::linear(x, folded.weight, &folded.bias), both.forward(x), near));
}

BOOST_AUTO_TEST_CASE(what_can_be_folded) {
  Rng rng(3);
  const nn::Conv2d conv{3, 5, {.kernel = 3}, rng};
  const nn::Linear linear{7, 5, rng};
  const nn::BatchNorm2d norm{5};
  BOOST_TEST(nn::can_fold(conv, norm));
  BOOST_TEST(nn::can_fold(linear, nn::BatchNorm1d{5}));
  BOOST_TEST(!nn::can_fold(norm, conv));
  BOOST_TEST(!nn::can_fold(conv, conv));
}

BOOST_AUTO_TEST_CASE(refuses_a_normalization_of_other_channels) {
  Rng rng(3);
  nn::Conv2d conv{3, 5, {.kernel = 3}, rng};
  nn::BatchNorm2d norm{4};
  BOOST_CHECK_EXCEPTION(nn::fold_batch_norm(conv, norm), ShapeError, [](const ShapeError& e) {
    return std::string(e.what()) == "[fold] 5 outputs are followed by a normalization of 4 channels";
  });
}

BOOST_AUTO_TEST_SUITE_END()

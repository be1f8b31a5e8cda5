// SPDX-License-Identifier: MIT
// Functions of single elements: the reference's bits, whatever the length, the alignment and the instruction set.
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

#include "common/ops/activation.hpp"
#include "common/ops/dropout.hpp"
#include "common/ops/elementwise.hpp"
#include "tests/common/backend/simd/on_level.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(simd_elementwise)

namespace {

/// Every remainder of every register, and more than one piece.
std::vector<Index> lengths() {
  std::vector<Index> all;
  for (Index k = 0; k <= 33; ++k) all.push_back(k);
  all.insert(all.end(), {32767, 32768, 32769, 100003});
  return all;
}

/// Numbers of all sizes whose first one does not begin a register.
Tensor numbers(Index count, std::uint64_t seed) {
  Tensor x = random_tensor({count + 1}, seed).rows(1, count);
  for (Index k = 0; k < count; ++k) x.data()[k] *= std::ldexp(1.0F, static_cast<int>(k % 9) - 4);
  return x;
}

Tensor mask_of(Index n) {
  Rng rng(7);
  return ops::dropout_mask({n}, 0.3, rng);
}

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

BOOST_DATA_TEST_CASE(same_bits_as_the_reference, simd_levels(), level) {
  for (const Index n : lengths()) {
    const auto run = [&] {
      const Tensor x = numbers(n, 1), g = numbers(n, 2);
      const Tensor r = ops::relu(x), s = Tensor::from_values({n}, random_tensor({n}, 3).values());
      Tensor sum = numbers(n, 4), dropped = numbers(n, 5), inplace = numbers(n, 1), sum_relu = numbers(n, 6);
      ops::add_scaled_inplace(sum_relu, x, 0.3F, {.relu = true});
      ops::add_scaled_inplace(sum, x, 0.3F);
      dropped = ops::dropout(std::move(dropped), mask_of(n), 0.3);
      inplace = ops::relu(std::move(inplace));
      return std::vector{
          r, ops::relu_backward(g, r), ops::sigmoid_backward(g, s), sum, dropped, inplace, sum_relu};
    };
    BOOST_TEST(agrees_with_reference(level, run), n << " elements");
  }
}

BOOST_DATA_TEST_CASE(optimizers_step_to_the_same_bits, simd_levels(), level) {
  for (const Index n : lengths()) {
    const auto run = [&] {
      Tensor plain = numbers(n, 1), heavy = numbers(n, 2), value = numbers(n, 3);
      Tensor velocity = Tensor::zeros({n}), mean = Tensor::zeros({n}), square = Tensor::zeros({n});
      for (Index t = 1; t <= 3; ++t) {
        const Tensor grad = numbers(n, static_cast<std::uint64_t>(10 + t));
        ops::sgd_step_inplace({{plain, grad}}, {0.1F, 0, 0.01F});
        ops::sgd_step_inplace({{heavy, grad, velocity}}, {0.1F, 0.9F, 0.01F});
        ops::adam_step_inplace({{value, grad, mean, square}}, {0.001, 0.9, 0.999, 1e-8, 0.01, t});
      }
      return std::vector{plain, heavy, velocity, value, mean, square};
    };
    BOOST_TEST(agrees_with_reference(level, run), n << " elements");
  }
}

BOOST_DATA_TEST_CASE(sigmoid_is_within_three_units_in_the_last_place, simd_levels(), level) {
  const SimdLevelScope level_scope(level);
  const BackendScope scope("simd");
  constexpr Index count = 400001;
  Tensor x = Tensor::empty({count});
  for (Index k = 0; k < count; ++k) x.data()[k] = static_cast<float>(k) * (180.0F / count) - 87.5F;
  const Tensor y = ops::sigmoid(x);
  double largest = 0;
  for (Index k = 0; k < count; ++k) {
    const double exact = 1 / (1 + std::exp(-double{x.data()[k]}));
    const double unit = std::ldexp(1.0, std::ilogb(exact) - 23);
    largest = std::max(largest, std::abs(double{y.data()[k]} - exact) / unit);
  }
  BOOST_TEST_MESSAGE(level << ": the largest error is " << largest << " units in the last place");
  BOOST_TEST(largest <= 3);
}

BOOST_DATA_TEST_CASE(sigmoid_of_any_length, simd_levels(), level) {
  for (const Index n : lengths()) {
    const auto run = [&] {
      Tensor inplace = numbers(n, 1);
      inplace = ops::sigmoid(std::move(inplace));
      return std::vector{ops::sigmoid(numbers(n, 1)), inplace};
    };
    BOOST_TEST(agrees_with_reference(level, run, {.relative = 4e-7}), n << " elements");
  }
}

BOOST_DATA_TEST_CASE(what_is_no_number_stays_none, simd_levels(), level) {
  const auto run = [] {
    const Tensor x = Tensor::from_values(
        {9}, std::vector<float>{quiet_nan, infinity, -infinity, 0, -0.0F, 200, -200, 88.8F, quiet_nan});
    return std::vector{ops::relu(x), ops::relu_backward(x, x), ops::sigmoid(x)};
  };
  BOOST_TEST(agrees_with_reference(level, run, {.relative = 2e-7}));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// Rows of scores of any length, on every instruction set.
#include "common/ops/softmax.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/common/backend/simd/on_level.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(simd_softmax)

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();
constexpr double rounding = 4.5e-6;

/// Scores between -40 and 40, so that some probabilities are tiny. Their differences are rounded to floats, 80 by half of 2^-17
/// = 3.8e-6, and that is the relative error of a power.
Tensor scores(Index n, Index classes) {
  Tensor z = random_tensor({n, classes}, static_cast<std::uint64_t>(classes));
  for (float& score : z.values()) score *= 40;
  return z;
}

Tensor any_labels(Index n, Index classes) {
  std::vector<std::int64_t> labels;
  for (Index i = 0; i < n; ++i) labels.push_back(i * 7 % classes);
  return Tensor::from_labels({n}, labels);
}

}  // namespace

BOOST_DATA_TEST_CASE(rows_of_any_length, simd_levels(), level) {
  std::vector<Index> lengths{100, 1000, 4097};
  for (Index k = 1; k <= 33; ++k) lengths.push_back(k);
  for (const Index classes : lengths) {
    const auto run = [&] { return std::vector{ops::softmax(scores(5, classes))}; };
    BOOST_TEST(agrees_with_reference(level, run, {.relative = rounding}), classes << " classes");
  }
}

BOOST_DATA_TEST_CASE(losses_and_gradients, simd_levels(), level) {
  for (const Index classes : {1, 2, 7, 8, 10, 17, 1000}) {
    for (const Index n : {1, 3, 600}) {
      const auto result = [&] {
        return ops::softmax_cross_entropy(scores(n, classes), any_labels(n, classes));
      };
      // Powers are right to some units in the last place: so are quotients, and logarithms of sums to as much in all.
      const auto gradient = [&] { return std::vector{result().grad}; };
      const auto losses = [&] { return std::vector{result().losses, result().correct}; };
      BOOST_TEST(agrees_with_reference(level, gradient,
                                       {.relative = rounding, .absolute = 3e-7 / static_cast<double>(n)}),
                 n << " rows of " << classes << " classes");
      BOOST_TEST(agrees_with_reference(level, losses, {.relative = rounding, .absolute = 3e-7}),
                 n << " rows of " << classes << " classes");
    }
  }
}

BOOST_DATA_TEST_CASE(what_is_no_number_stays_none, simd_levels(), level) {
  for (const Index classes : {3, 9}) {
    for (const float odd : {quiet_nan, infinity, -infinity}) {
      for (Index place = 0; place < classes; ++place) {
        const auto run = [&] {
          Tensor z = Tensor::zeros({2, classes});
          z.data()[classes + place] = odd;
          return std::vector{ops::softmax(z)};
        };
        BOOST_TEST(agrees_with_reference(level, run, {.relative = 1e-6}),
                   odd << " in place " << place << " of " << classes);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

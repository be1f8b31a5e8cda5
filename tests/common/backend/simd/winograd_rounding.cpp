// SPDX-License-Identifier: MIT
// Rounding errors of Winograd's convolutions, beside sums in double.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "common/backend/reference/conv2d.hpp"
#include "common/backend/simd/winograd.hpp"
#include "tests/common/backend/simd/winograd_case.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;
namespace data = boost::unit_test::data;

namespace {

struct Rounding {
  double rms;  ///< of the errors, as a share of the rms of the exact numbers
  double max;  ///< largest error, as a share of the largest exact number
};

std::ostream& operator<<(std::ostream& out, const Rounding& e) {
  return out << "rms " << e.rms << " max " << e.max;
}

/// The memory with the sizes of a tensor.
template <typename Values>
auto array(Values& values, const Tensor& like) {
  const auto [n, c, h, w] = like.dims<4>();
  return reference::array4(values.data(), n, c, h, w);
}
/// Results in double.
struct Exact {
  std::vector<double> y, grad_x, grad_weight;

  explicit Exact(const WinogradTensors& t)
      : y(doubles(t.y)), grad_x(doubles(t.x)), grad_weight(doubles(t.weight)) {
    const std::vector<double> x = doubles(t.x), weight = doubles(t.weight), grad_y = doubles(t.grad_y);
    reference::conv2d<double>(array(y, t.y), array(x, t.x), array(weight, t.weight), nullptr, t.geometry);
    reference::conv2d_backward_input<double>(array(grad_x, t.x), array(grad_y, t.y), array(weight, t.weight),
                                             t.geometry);
    reference::conv2d_backward_weight<double>(array(grad_weight, t.weight), array(grad_y, t.y), array(x, t.x),
                                              t.geometry);
  }

  static std::vector<double> doubles(const Tensor& x) { return {x.values().begin(), x.values().end()}; }
};

Rounding error(const Tensor& x, const std::vector<double>& exact) {
  double squares = 0, exact_squares = 0, most = 0, exact_most = 0;
  for (std::size_t k = 0; k < exact.size(); ++k) {
    const double difference = double{x.data()[k]} - exact[k];
    squares += difference * difference;
    exact_squares += exact[k] * exact[k];
    most = std::max(most, std::abs(difference));
    exact_most = std::max(exact_most, std::abs(exact[k]));
  }
  return {std::sqrt(squares / exact_squares), most / exact_most};
}

struct RoundingCase {
  WinogradCase sizes;
  Rounding bound;
};

std::ostream& operator<<(std::ostream& out, const RoundingCase& c) { return out << c.sizes; }

// Bounds: half more than the largest errors measured. Plain sums in float32 have rms 3e-7 ... 7e-7, max 6e-7 ... 1.6e-6.
constexpr Rounding f2x3{7e-7, 7e-7}, f4x3{1.9e-6, 3.2e-6}, f6x3{8e-6, 2.3e-5}, f4x5{5.6e-6, 1.2e-5};

const std::vector<RoundingCase> rounding_cases{
    {{9, 64, 64, 2, 3, 1}, f2x3},   {{9, 256, 64, 2, 3, 1}, f2x3}, {{9, 64, 64, 6, 3, 1}, f6x3},
    {{9, 256, 64, 6, 3, 1}, f6x3},  {{2, 16, 32, 28, 3, 1}, f4x3}, {{2, 64, 64, 12, 3, 1}, f4x3},
    {{2, 256, 64, 12, 3, 1}, f4x3}, {{2, 16, 32, 12, 5, 2}, f4x5}, {{1, 96, 64, 26, 5, 2}, f4x5},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(winograd_rounding)

BOOST_DATA_TEST_CASE(stays_small, simd_levels() * data::make(rounding_cases), level, c) {
  const SimdLevelScope scope(level);
  WinogradTensors t(c.sizes);
  const Exact exact(t);
  simd::winograd_conv2d(t.y, t.x, {t.weight}, t.sizes);
  simd::winograd_backward_input(t.grad_x, t.grad_y, t.weight, t.sizes);
  simd::winograd_backward_weight(t.grad_weight, t.grad_y, t.x, t.sizes);
  const Rounding forward = error(t.y, exact.y), input = error(t.grad_x, exact.grad_x),
                 weight = error(t.grad_weight, exact.grad_weight);
  // The plain loops for grad_x sum in float32.
  reference::conv2d_backward_input(reference::array4(t.grad_x), reference::array4(std::as_const(t.grad_y)),
                                   reference::array4(std::as_const(t.weight)), t.geometry);
  BOOST_TEST_MESSAGE(level << ", " << c << ": y " << forward << "; grad_x " << input << "; grad_weight "
                           << weight << "; grad_x by plain sums " << error(t.grad_x, exact.grad_x));
  for (const Rounding& e : {forward, input, weight}) {
    BOOST_TEST(e.rms < c.bound.rms);
    BOOST_TEST(e.max < c.bound.max);
  }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// Rounding errors of Winograd's convolutions, beside sums in double.
#include <boost/test/unit_test.hpp>

#include <utility>
#include <vector>

#include "common/backend/reference/rounding.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/backend/simd/winograd_plan.hpp"
#include "tests/common/backend/simd/winograd_case.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::reference;
using namespace cnn::test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(winograd_rounding)

namespace {

/// Results in double.
struct Exact {
  std::vector<double> y, grad_x, grad_weight;

  explicit Exact(const WinogradTensors& t)
      : y(exact_conv2d(t.y, t.x, t.weight, nullptr, t.geometry)),
        grad_x(in_double(t.x)),
        grad_weight(in_double(t.weight)) {
    const std::vector<double> x = in_double(t.x), weight = in_double(t.weight), grad_y = in_double(t.grad_y);
    conv2d_backward_input<double>(array(grad_x, t.x), array(grad_y, t.y), array(weight, t.weight),
                                  t.geometry);
    conv2d_backward_weight<double>(array(grad_weight, t.weight), array(grad_y, t.y), array(x, t.x),
                                   t.geometry, Shards::all(t.sizes.n));
  }
};

struct RoundingCase {
  WinogradCase sizes;
  Rounding bound;
};

std::ostream& operator<<(std::ostream& out, const RoundingCase& c) { return out << c.sizes; }

// Bounds: half more than the largest errors measured. Plain sums in float32 have rms 3e-7 ... 7e-7, max 6e-7 ... 1.6e-6.
constexpr Rounding f2x3{7e-7, 7e-7}, f4x3{1.9e-6, 3.2e-6}, f6x3{8e-6, 2.3e-5}, f4x5{5.6e-6, 1.2e-5},
    strided{5e-7, 8e-7};

const std::vector<RoundingCase> rounding_cases{
    {{9, 64, 64, 2, 3, 1}, f2x3},        {{9, 256, 64, 2, 3, 1}, f2x3},       {{9, 64, 64, 6, 3, 1}, f6x3},
    {{9, 256, 64, 6, 3, 1}, f6x3},       {{2, 16, 32, 28, 3, 1}, f4x3},       {{2, 64, 64, 12, 3, 1}, f4x3},
    {{2, 256, 64, 12, 3, 1}, f4x3},      {{2, 16, 32, 12, 5, 2}, f4x5},       {{1, 96, 64, 26, 5, 2}, f4x5},
    {{2, 64, 64, 24, 3, 1, 2}, strided}, {{9, 256, 64, 6, 3, 1, 2}, strided},
};

}  // namespace

BOOST_DATA_TEST_CASE(stays_small, simd_levels() * data::make(rounding_cases), level, c) {
  const SimdLevelScope scope(level);
  WinogradTensors t(c.sizes);
  const Exact exact(t);
  simd::winograd_conv2d(t.y, t.x, {t.weight}, t.sizes, *simd::best_tile(t.sizes));
  simd::winograd_backward_input(t.grad_x, t.grad_y, t.weight, t.sizes);
  simd::winograd_backward_weight(t.grad_weight, t.grad_y, t.x, t.sizes, Shards::all(t.sizes.n));
  const Rounding forward = rounding(t.y.values(), exact.y), input = rounding(t.grad_x.values(), exact.grad_x),
                 weight = rounding(t.grad_weight.values(), exact.grad_weight);
  // The plain loops for grad_x sum in float32.
  conv2d_backward_input(array4(t.grad_x), array4(std::as_const(t.grad_y)), array4(std::as_const(t.weight)),
                        t.geometry);
  BOOST_TEST_MESSAGE(level << ", " << c << ": y " << forward << "; grad_x " << input << "; grad_weight "
                           << weight << "; grad_x by plain sums "
                           << rounding(t.grad_x.values(), exact.grad_x));
  for (const Rounding& e : {forward, input, weight}) {
    BOOST_TEST(e.rms < c.bound.rms);
    BOOST_TEST(e.max < c.bound.max);
  }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// Infinite numbers leave a batch normalization as the loops have it: in the mean and in the gradient of the bias as infinite ones, and
// as NaN where an infinite number is subtracted from another.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>

#include "common/ops/batch_norm.hpp"
#include "tests/common/backend/cuda/device.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(infinities, *boost::unit_test::precondition(has_device))

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
const Shape shape{3, 4, 10, 12};
constexpr Index channel = 120, image = 480;  // elements

/// Channel 0 is finite; 1 has an infinite number in the middle, 2 as its first one, 3 two of different sign.
Tensor with_infinities(std::uint64_t seed) {
  Tensor x = random_tensor(shape, seed);
  x.data()[image + channel + 50] = infinity;
  x.data()[2 * channel] = -infinity;
  x.data()[3 * channel + 7] = infinity;
  x.data()[2 * image + 3 * channel + 1] = -infinity;
  return x;
}

std::vector<Tensor> on(const char* rung) {
  const BackendScope backend(rung);
  const Tensor x = random({shape}, 1), infinite = on_device(with_infinities(2)), line = random({4}, 3);
  const ops::BatchNorm forward = ops::batch_norm(infinite, line, line),
                       finite = ops::batch_norm(x, line, line);
  const ops::BatchNormGrads backward =
      ops::batch_norm_backward(infinite, x, {finite.mean, finite.variance, line, line, 1e-5});
  return {forward.mean, forward.variance, forward.y, backward.weight, backward.bias, backward.x};
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_a_batch_normalization) {
  const std::vector<Tensor> device = on("cuda"), loops = on("reference");
  for (std::size_t k = 0; k < loops.size(); ++k)
    BOOST_TEST(tensors_close(device[k], loops[k], {.relative = 1e-5, .absolute = 1e-5}), "result " << k);
  const Tensor mean = device[0].to({});
  BOOST_TEST(mean.data()[1] == infinity);
  BOOST_TEST(mean.data()[2] == -infinity);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "common/ops/dropout.hpp"

#include <algorithm>

#include "common/core/check.hpp"
#include "common/ops/by_image.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

constexpr std::uint64_t mask53 = (std::uint64_t{1} << 53) - 1;

Backend& check_factors(const Tensor& a, const Tensor& b) {
  Backend& backend = detail::backend_of("multiply", {{"a", &a}, {"b", &b}});
  detail::check_shape("multiply", "b", b.shape(), a.shape());
  return backend;
}

}  // namespace

Tensor dropout_mask(const Shape& shape, double p, Rng& rng, Device device) {
  CNN_CHECK(p >= 0 && p <= 1, UsageError,
            "[dropout] " + std::to_string(p) + " is not a probability; give 0 ... 1");
  Tensor mask = Tensor::empty(shape);
  const double keep = 1 - p;
  if (p == 0 || p == 1) {
    std::ranges::fill(mask.values(), static_cast<float>(keep));
    return mask.to(device);
  }
  //! [mask]
  const float scale = 1.0F / static_cast<float>(keep);
  for (float& value : mask.values()) {
    const double u = static_cast<double>(rng.draw64() & mask53) * 0x1p-53;
    value = u < keep ? scale : 0.0F;
  }
  //! [mask]
  return mask.to(device);
}

Tensor multiply(const Tensor& a, const Tensor& b) {
  Backend& backend = check_factors(a, b);
  Tensor y = Tensor::empty(a.shape(), a.device());
  detail::by_image(backend, &Backend::multiply, y, a, b);
  return y;
}

void multiply_inplace(Tensor& a, const Tensor& b) {
  Backend& backend = check_factors(a, b);
  detail::by_image(backend, &Backend::multiply, a, a, b);
}

}  // namespace cnn::ops

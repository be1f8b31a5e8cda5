// SPDX-License-Identifier: MIT
#include "common/ops/dropout.hpp"

#include <algorithm>
#include <utility>

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"
#include "common/tensor/upload.hpp"

namespace cnn::ops {
namespace {

constexpr std::uint64_t mask53 = (std::uint64_t{1} << 53) - 1;

void check_probability(double p) {
  CNN_CHECK(p >= 0 && p <= 1, UsageError,
            "[dropout] " + std::to_string(p) + " is not a probability; give 0 ... 1");
}

}  // namespace

Tensor dropout_mask(const Shape& shape, double p, Rng& rng, Device device) {
  check_probability(p);
  if (device.type == DeviceType::meta) return Tensor::empty(shape, device, DType::u8);
  Tensor mask = empty_for_upload(shape, device, DType::u8);
  std::uint8_t* const kept = mask.pixels();
  const double keep = 1 - p;
  if (p == 0 || p == 1) {
    std::fill_n(kept, mask.size(), static_cast<std::uint8_t>(keep));
    return upload(std::move(mask), device);
  }
  //! [mask]
  for (Index k = 0; k < mask.size(); ++k) {
    const double u = static_cast<double>(rng.draw64() & mask53) * 0x1p-53;
    kept[k] = u < keep;
  }
  //! [mask]
  return upload(std::move(mask), device);
}

Tensor dropout(Tensor x, const Tensor& mask, double p) {
  Backend& backend =
      detail::backend_of("dropout", {{"x", &x}, {"mask", &mask, detail::Layout::any, DType::u8}});
  detail::check_shape("dropout", "mask", mask.shape(), x.shape());
  check_probability(p);
  Tensor y = x.is_sole_owner() && x.is_dense() ? x : Tensor::empty(x.shape(), x.device());
  backend.dropout(y, x, mask, p < 1 ? 1.0F / static_cast<float>(1 - p) : 0.0F);
  return y;
}

}  // namespace cnn::ops

// SPDX-License-Identifier: MIT
#include "common/backend/simd/simd_backend.hpp"

namespace cnn {

SimdBackend::SimdBackend(Backend& below) : Rung(below) {}

std::unique_ptr<Backend> make_simd_backend(Backend& below) { return std::make_unique<SimdBackend>(below); }

}  // namespace cnn

// SPDX-License-Identifier: MIT
#include "common/backend/simd/gemm_kernels.hpp"

namespace cnn::simd {

const Kernels& avx512_kernels() {
  using Arch = xsimd::avx512f;
  static const Kernels table{.width = xsimd::batch<float, Arch>::size, .gemm = gemm_kernels<Arch, 8, 3>()};
  return table;
}

}  // namespace cnn::simd

// SPDX-License-Identifier: MIT
#include "common/backend/simd/gemm_kernels.hpp"

namespace cnn::simd {

const Kernels& avx2_kernels() {
  using Arch = xsimd::fma3<xsimd::avx2>;
  static const Kernels table{.width = xsimd::batch<float, Arch>::size, .gemm = gemm_kernels<Arch, 4, 3>()};
  return table;
}

}  // namespace cnn::simd

// SPDX-License-Identifier: MIT
#include "common/backend/simd/gemm_kernels.hpp"

namespace cnn::simd {

const Kernels& portable_kernels() {
  using Arch = xsimd::default_arch;
  static const Kernels table{.width = xsimd::batch<float, Arch>::size, .gemm = gemm_kernels<Arch, 4, 2>()};
  return table;
}

}  // namespace cnn::simd

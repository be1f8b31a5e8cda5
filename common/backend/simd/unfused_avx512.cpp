// SPDX-License-Identifier: MIT
#include "common/backend/simd/batch_norm_kernels.hpp"
#include "common/backend/simd/elementwise_kernels.hpp"
#include "common/backend/simd/pool_kernels.hpp"
#include "common/backend/simd/softmax_kernels.hpp"

namespace cnn::simd {

const UnfusedKernels& avx512_unfused_kernels() {
  using Arch = Avx512;
  static const UnfusedKernels table{.elementwise = elementwise_kernels<Arch>(),
                                    .batch_norm = batch_norm_kernels<Arch>(),
                                    .pool = pool_kernels<Arch>(),
                                    .softmax_row = softmax_row<Arch>};
  return table;
}

}  // namespace cnn::simd

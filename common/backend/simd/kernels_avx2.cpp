// SPDX-License-Identifier: MIT
#include "common/backend/simd/channel_kernels.hpp"
#include "common/backend/simd/gemm_kernels.hpp"
#include "common/backend/simd/winograd_kernels.hpp"
#include "common/backend/simd/winograd_strided_kernels.hpp"

namespace cnn::simd {

const Kernels& avx2_kernels() {
  using Arch = Avx2;
  static const Kernels table{.width = Arch::width,
                             .gemm = gemm_kernels<Arch, 4, 3>(),
                             .channels = channel_kernels<Arch>(),
                             .winograd_2x3 = winograd_tile<Arch, 2, 3, One>(),
                             .winograd_4x3 = winograd_tile<Arch, 4, 3, NearOne>(),
                             .winograd_6x3 = winograd_tile<Arch, 6, 3, AroundOne>(),
                             .winograd_4x5 = winograd_tile<Arch, 4, 5, AroundOne>(),
                             .strided_3x3 = strided_tile<Arch, 3, One>(),
                             .turned_3x3 = turned_strided_tile<Arch, 3, One>()};
  return table;
}

}  // namespace cnn::simd

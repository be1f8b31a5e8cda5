// SPDX-License-Identifier: MIT
#include "common/backend/simd/kernel_table.hpp"

const cnn::simd::Kernels& cnn::simd::avx2_kernels() { return kernel_table<Avx2, 4, 3>(); }

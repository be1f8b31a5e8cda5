// SPDX-License-Identifier: MIT
#include "common/backend/simd/kernel_table.hpp"

const cnn::simd::Kernels& cnn::simd::avx512_kernels() { return kernel_table<Avx512, 8, 3>(); }

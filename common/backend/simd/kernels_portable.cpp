// SPDX-License-Identifier: MIT
#include "common/backend/simd/kernel_table.hpp"

const cnn::simd::Kernels& cnn::simd::portable_kernels() { return kernel_table<Portable, 4, 2>(); }

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cnn {

/// What this program is made of and what it found: version, compiler, libraries, BLAS kernel, CPU, SIMD level, CUDA.
/// \return names and values
std::vector<std::pair<std::string, std::string>> version_fields();

/// \return version_fields() as text, one a line
std::string version_text();

/// \return rung and instruction set that make the numbers: "xtensor (OpenBLAS Haswell)"
std::string rung_description();

}  // namespace cnn

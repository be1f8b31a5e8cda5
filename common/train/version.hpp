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

/// What decides about the last digits of a run's numbers. On `reference` and `simd` that is the rung and its instruction set:
/// every product that is rounded together with a sum says so, and compilers may not make more of them. On `xtensor` it is the
/// libraries, too.
/// \return such as "simd (avx2)" or "xtensor 0.24.3 (OpenBLAS 0.3.21, Haswell)"
std::string rung_description();

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace cnn {

/// \return version of OpenBLAS, "OpenBLAS 0.3.21"
/// \throws Error  OpenBLAS cannot be loaded
std::string openblas_version();

/// \return name of the kernels that OpenBLAS chose for this CPU, "Haswell"
/// \throws Error  OpenBLAS cannot be loaded
std::string openblas_kernel();

}  // namespace cnn

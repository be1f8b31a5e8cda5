// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace emulation {

/// \param function  a function of this program
/// \return          its name, from the symbols in the program's file
/// \throws std::runtime_error  the file has none for it: it was stripped
std::string name_of_kernel(const void* function);

}  // namespace emulation

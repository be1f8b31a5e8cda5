// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "chapters/01_conv_layer/library.hpp"

namespace cnn::conv_layer {

/// Prints the heading of an experiment, with an empty line between it and what came before.
/// \param text  the heading
void heading(std::string_view text);

/// Prints a matrix.
/// \param name    what it is
/// \param values  its elements
void show(std::string_view name, const Matrix& values);

/// Prints our own result, and how far that of the library is from it.
/// \param name     what it is
/// \param ours     from the code of this section
/// \param library  the same through the library
void show(std::string_view name, const Matrix& ours, const Matrix& library);

/// Prints the gradients of the layer, and how far they are from two other ways to find them.
/// \param ours      from the code of this section
/// \param library   through the library
/// \param measured  from central differences
void show(const Gradients& ours, const Gradients& library,
          const Gradients& measured);

/// Prints the loss of every fifth step, the kernel and bias at the end, and how far those of the library ever were.
/// \param ours     from the code of this section
/// \param library  the same through the library
void show(const std::vector<LearningStep>& ours,
          const std::vector<LearningStep>& library);

}  // namespace cnn::conv_layer

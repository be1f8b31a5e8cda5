// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "chapters/03_channels/cost.hpp"
#include "chapters/03_channels/library.hpp"

namespace cnn::channels {

/// Prints the heading of an experiment, with an empty line between it and what came before.
/// \param text  the heading
void heading(std::string_view text);

/// Prints an image.
/// \param name    what it is
/// \param values  its elements
void show(std::string_view name, const Image& values);

/// Prints our own result, and how far that of the library is from it.
/// \param name     what it is
/// \param ours     from the code of this section
/// \param library  the same through the library
void show(std::string_view name, const Image& ours, const Image& library);

/// Prints the shape of a set of kernels.
/// \param name     what they are
/// \param kernels  [oc, ic, kh, kw]
void show_shape(std::string_view name, const Kernels& kernels);

/// Prints whether two results are equal but for rounding: whether the norm of their difference is below 1e-6.
/// \param name  what is compared
/// \param a     one result
/// \param b     the other, of the same shape
void show_equal(std::string_view name, const Image& a, const Image& b);

/// Prints the gradients of a convolution, and how far they are from two other ways to find them.
/// \param ours      from the code of this section
/// \param library   through the library
/// \param measured  from central differences
void show(const Grads& ours, const Grads& library, const Grads& measured);

/// Prints the first line of a table of costs.
void show_cost_header();

/// Prints what a convolution costs: counted multiplications and those of the formula.
/// \param x  an image, [ic, ih, iw]
/// \param k  kernels, [oc, ic, kh, kw]
void show_cost(const Image& x, const Kernels& k);

}  // namespace cnn::channels

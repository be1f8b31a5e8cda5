// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "chapters/02_padding_stride/library.hpp"

namespace cnn::padding_stride {

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

/// Prints sizes only: those of a layer, of an image and of the layer's output.
/// \param layer  kernel, padding and stride
/// \param x      the image
void show_shapes(const Layer& layer, const Matrix& x);

/// Prints the size that each of the two conventions gives for an image of 8 pixels.
/// \param k  length of the kernel
/// \param p  zeros on each side
/// \param s  stride
void show_formula(Index k, Index p, Index s);

/// Prints the border that keeps the size of an image for one kernel, and checks it with both codes.
/// \param k  rows and columns of the kernel
/// \param x  the image
void show_same_padding(Index k, const Matrix& x);

}  // namespace cnn::padding_stride

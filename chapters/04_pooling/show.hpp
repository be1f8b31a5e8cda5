// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "chapters/04_pooling/library.hpp"

namespace cnn::pooling {

/// Prints the heading of an experiment, with an empty line between it and what came before.
/// \param text  the heading
void heading(std::string_view text);

/// Prints one channel.
/// \param name    what it is
/// \param values  its elements
void show(std::string_view name, const Plane& values);

/// Prints our own result, and how far that of the library is from it.
/// \param name     what it is
/// \param ours     from the code of this section
/// \param library  the same through the library
void show(std::string_view name, const Plane& ours, const Image& library);

/// Pools an image, prints the result, and how far that of the library is from it.
/// \param x       an image, [c, ih, iw]
/// \param window  size, stride and padding, in pixels
/// \param mode    maximum or average
void show_pooling(const Image& x, const Window& window, Mode mode);

/// Prints a gradient, and how far it is from two other ways to find it.
/// \param name      what it is
/// \param ours      from the code of this section
/// \param library   through the library
/// \param measured  from central differences
void show(std::string_view name, const Plane& ours, const Image& library,
          const Plane& measured);

/// Prints the first row of each of three results, in one line.
/// \param shift  pixels the image was moved by
/// \param edges  its edges
/// \param close  their maxima with stride 1
/// \param apart  their maxima with stride 2
void show_rows(int shift, const Plane& edges, const Plane& close,
               const Plane& apart);

}  // namespace cnn::pooling

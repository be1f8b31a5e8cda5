// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/backend/backend.hpp"

/// What the operations ask of their arguments; each message starts with the operation's name in brackets.
namespace cnn::ops::detail {

/// Checks what every operation needs: storage, the device of the rung in use, the element type.
/// \param operation  its name
/// \param name       of the argument
/// \param x          the argument
/// \param dtype      element type it must have
/// \throws StateError   the tensor holds no elements at all, or has another element type
/// \throws DeviceError  it lives elsewhere
void check_operand(const char* operation, const char* name, const Tensor& x, DType dtype = DType::f32);

/// As check_operand(), and that the elements follow each other without gaps.
/// \param operation  its name
/// \param name       of the argument
/// \param x          the argument
/// \param dtype      element type it must have
/// \throws StateError   the tensor is strided, holds no elements at all, or has another element type
/// \throws DeviceError  it lives elsewhere
void check_dense(const char* operation, const char* name, const Tensor& x, DType dtype = DType::f32);

/// \param operation  its name
/// \param name       of the argument
/// \param x          its shape
/// \param axes       what its axes must be, such as "[n, c, h, w]"
/// \param rank       number of those axes
/// \throws ShapeError  the number of axes differs
void check_rank(const char* operation, const char* name, const Shape& x, const char* axes, std::size_t rank);

/// \param operation  its name
/// \param name       of the argument
/// \param x          its shape
/// \param expected   the shape it must have
/// \throws ShapeError  it has another one
void check_shape(const char* operation, const char* name, const Shape& x, const Shape& expected);

/// Checks stride and padding, and that the window fits into the padded image.
/// \param operation  its name
/// \param image      height and width of the image
/// \param kernel     height and width of the window
/// \param stride     steps
/// \param padding    pixels on each side
/// \return           number of windows below and beside each other
/// \throws ShapeError  a number is impossible, or the window is larger than the padded image
Size2d window_count(const char* operation, Size2d image, Size2d kernel, Size2d stride, Size2d padding);

}  // namespace cnn::ops::detail

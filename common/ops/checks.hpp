// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <string>

#include "common/backend/backend.hpp"

/// What the operations ask of their arguments; each message starts with the operation's name in brackets.
namespace cnn::ops::detail {

/// Whether an operation takes a range of channels.
enum class Layout {
  any,   ///< it does
  dense  ///< elements must follow each other without gaps
};

/// An argument of an operation, and what it must be.
struct Operand {
  const char* name;             ///< in messages
  const Tensor* x;              ///< null for an optional one that is not given
  Layout layout = Layout::any;  ///< whether it may be strided
  DType dtype = DType::f32;     ///< type of its elements
};

/// Checks what every operation needs of its arguments.
/// \param operation  its name
/// \param operands   the tensors it was given
/// \return           what computes where they are
/// \throws StateError   a tensor holds no elements at all, has another element type, or is strided where it must not be
/// \throws DeviceError  two of them are on different devices, or this build cannot compute there
Backend& backend_of(const char* operation, std::initializer_list<Operand> operands);

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

/// \param operation  its name
/// \param whose      "prologue's" or "epilogue's", for the message
/// \param x          an argument of the operation, on its device
/// \param line       a number for each channel
/// \param channels   how many
/// \throws ShapeError   there are more or fewer
/// \throws DeviceError  the line is on another device than x
void check_line(const char* operation, const char* whose, const Tensor& x, const ChannelLine& line,
                Index channels);

/// \param operation  its name
/// \param x          an argument of the operation, on its device
/// \param y          shape of the output, [n, channels, ...]
/// \param epilogue   what happens to it
/// \throws ShapeError   the epilogue does not fit
/// \throws DeviceError  a part of it is on another device than x
void check_epilogue(const char* operation, const Tensor& x, const Shape& y, const Epilogue& epilogue);

/// An operation whose epilogue may be a ReLU only.
/// \param operation  its name
/// \param epilogue   what happens to its output
/// \throws UsageError  there is more in it
void check_simple(const char* operation, const Epilogue& epilogue);

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

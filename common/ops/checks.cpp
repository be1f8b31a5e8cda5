// SPDX-License-Identifier: MIT
#include "common/ops/checks.hpp"

#include "common/core/check.hpp"

namespace cnn::ops::detail {
namespace {

std::string prefix(const char* operation) { return std::string("[") + operation + "] "; }

}  // namespace

Backend& backend_of(const char* operation, std::initializer_list<Operand> operands) {
  const Operand* first = nullptr;
  for (const Operand& operand : operands) {
    const auto& [name, x, layout, dtype] = operand;
    if (x == nullptr) continue;
    CNN_CHECK(x->defined(), StateError,
              prefix(operation) + name + " holds no tensor; make one with Tensor::empty() or zeros()");
    if (first == nullptr) first = &operand;
    CNN_CHECK(x->device() == first->x->device(), DeviceError,
              prefix(operation) + name + " is on " + to_string(x->device()) + ", " + first->name + " on " +
                  to_string(first->x->device()) + "; move one of them with to()");
    CNN_CHECK(x->dtype() == dtype, StateError,
              prefix(operation) + name + " is " + to_string(x->dtype()) + ", " + to_string(dtype) +
                  " is needed (" + name + " = " + to_string(x->shape()) + ")");
    CNN_CHECK(layout == Layout::any || x->is_dense(), StateError,
              prefix(operation) + name + " is a strided slice; clone() it first (" + name + " = " +
                  to_string(x->shape()) + ")");
  }
  return backend_for(first->x->device());
}

void check_rank(const char* operation, const char* name, const Shape& x, const char* axes, std::size_t rank) {
  CNN_CHECK(x.size() == rank, ShapeError,
            prefix(operation) + name + " must be " + axes + "; it is " + to_string(x) + ", reshape() it");
}

void check_shape(const char* operation, const char* name, const Shape& x, const Shape& expected) {
  CNN_CHECK(x == expected, ShapeError,
            prefix(operation) + name + " must be " + to_string(expected) + ", it is " + to_string(x));
}

void check_line(const char* operation, const char* whose, const Tensor& x, const ChannelLine& line,
                Index channels) {
  const std::string scale = std::string(whose) + " scale", shift = std::string(whose) + " shift";
  backend_of(
      operation,
      {{"x", &x}, {scale.c_str(), &line.scale, Layout::dense}, {shift.c_str(), &line.shift, Layout::dense}});
  check_shape(operation, scale.c_str(), line.scale.shape(), {channels});
  check_shape(operation, shift.c_str(), line.shift.shape(), {channels});
}

void check_epilogue(const char* operation, const Tensor& x, const Shape& y, const Epilogue& epilogue) {
  if (epilogue.line != nullptr) check_line(operation, "epilogue's", x, *epilogue.line, y.at(1));
  if (epilogue.residual == nullptr) return;
  backend_of(operation, {{"x", &x}, {"residual", epilogue.residual}});
  check_shape(operation, "residual", epilogue.residual->shape(), y);
}

void check_simple(const char* operation, const Epilogue& epilogue) {
  CNN_CHECK(epilogue.is_simple(), UsageError,
            std::string("[") + operation + "] its epilogue can be a ReLU only; add the rest behind it");
}

Size2d window_count(const char* operation, Size2d image, Size2d kernel, Size2d stride, Size2d padding) {
  CNN_CHECK(kernel.h >= 1 && kernel.w >= 1, ShapeError,
            prefix(operation) + "the kernel is " + to_string(kernel) + "; both sides must be at least 1");
  CNN_CHECK(stride.h >= 1 && stride.w >= 1, ShapeError,
            prefix(operation) + "the stride is " + to_string(stride) + "; both numbers must be at least 1");
  CNN_CHECK(padding.h >= 0 && padding.w >= 0, ShapeError,
            prefix(operation) + "the padding is " + to_string(padding) + "; it cannot be negative");
  CNN_CHECK(image.h >= 1 && image.w >= 1, ShapeError,
            prefix(operation) + "the image is " + to_string(image) + "; it must have at least one pixel");
  constexpr Index limit = Index{1} << 30;  // far beyond any image, far below an overflow
  CNN_CHECK(image.h < limit && image.w < limit && padding.h < limit && padding.w < limit, ShapeError,
            prefix(operation) + "image " + to_string(image) + " and padding " + to_string(padding) +
                " are too large");
  const Size2d padded{image.h + 2 * padding.h, image.w + 2 * padding.w};
  CNN_CHECK(kernel.h <= padded.h && kernel.w <= padded.w, ShapeError,
            prefix(operation) + "the kernel " + to_string(kernel) + " is larger than the padded image " +
                to_string(padded) + " (image " + to_string(image) + ", padding " + to_string(padding) +
                "); use a larger image, more padding or a smaller kernel");
  return {(padded.h - kernel.h) / stride.h + 1, (padded.w - kernel.w) / stride.w + 1};
}

}  // namespace cnn::ops::detail

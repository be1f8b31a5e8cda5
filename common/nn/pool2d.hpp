// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// Base of the two poolings: all that depends on the window only.
class Pool2d : public Module {
 public:
  Shape output_shape(const Shape& x) const override;
  Spec spec() const override;
  Flow trace(const Flow& x) const override;

  /// \return window, stride and padding
  const Pool2dOptions& options() const noexcept { return options_; }

 protected:
  /// \param kind     name of the class
  /// \param options  window, stride and padding, in pixels
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  Pool2d(std::string kind, const Pool2dOptions& options);

 private:
  std::string kind_;
  Pool2dOptions options_;
};

}  // namespace cnn::nn

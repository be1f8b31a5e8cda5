// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/container.hpp"
#include "common/nn/fusible.hpp"

namespace cnn::nn {

/// The sum of two ways through: \f$ y = f(x) + s(x) \f$, with \f$ \bar x = f'(\bar y) + s'(\bar y) \f$, where \f$ f' \f$ and
/// \f$ s' \f$ stand for the backward passes.
/// \see K. He et al., "Deep residual learning for image recognition" (2016)
class Residual : public Container, public Fusible {
 public:
  /// \param body      f
  /// \param shortcut  s, often Identity
  /// \throws UsageError  two parameters would have the same full name
  Residual(const Child& body, const Child& shortcut) : Container("Residual", {body, shortcut}) {}

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Spec spec() const override { return with_epilogue(Container::spec()); }

 private:
  Module& body() { return (*this)[0]; }
  const Module& body() const { return (*this)[0]; }
  Module& shortcut() { return (*this)[1]; }
  const Module& shortcut() const { return (*this)[1]; }
};

}  // namespace cnn::nn

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "common/nn/module.hpp"
#include "common/nn/saved.hpp"
#include "common/ops/activation.hpp"

namespace cnn::nn {

/// A layer that can do what follows it while it writes its output; its backward pass then begins with that of the epilogue.
/// See fuse().
class Fusible {
 public:
  /// \return what the layer does after its own work
  const Epilogue& epilogue() const noexcept { return epilogue_; }

  /// \param epilogue  what the layer does after its own work, from the next forward() on
  void set_epilogue(const Epilogue& epilogue) noexcept { epilogue_ = epilogue; }

 protected:
  /// Saves an output whose epilogue needs it in backward_epilogue().
  /// \param y         output, epilogue included
  /// \param training  in evaluation mode nothing is saved
  /// \return          y
  Tensor save_output(Tensor y, bool training) {
    y_.save(y, training && epilogue_.relu);
    return y;
  }

  /// \param grad_y  dL/doutput
  /// \param layer   kind of the layer, for messages
  /// \return        dL/d(what the epilogue was applied to)
  /// \throws StateError  there was no forward() in training mode
  /// \throws ShapeError  grad_y is not of the output's shape
  Tensor backward_epilogue(Tensor grad_y, const std::string& layer) {
    if (!epilogue_.relu) return grad_y;
    return ops::relu_backward(std::move(grad_y), y_.take(layer));
  }

  /// \param spec  of the layer by itself
  /// \return      the same with its epilogue among the options, if there is one
  Spec with_epilogue(Spec spec) const {
    if (epilogue_.relu) spec.options.emplace_back("epilogue", "relu");
    return spec;
  }

 private:
  Epilogue epilogue_;
  Saved<Tensor> y_;
};

}  // namespace cnn::nn

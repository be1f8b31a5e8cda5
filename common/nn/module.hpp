// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/core/random.hpp"
#include "common/tensor/tensor.hpp"

/// Layers: state and wiring. Each has a forward and an explicit backward pass, and calls cnn::ops for the arithmetic.
namespace cnn::nn {

/// A tensor that the optimizer changes.
struct Parameter {
  std::string name;  ///< inside its layer: "weight" or "bias"
  Tensor value;      ///< the parameter
  Tensor
      grad;  ///< dL/dvalue, same shape; backward() adds to it; not defined() means zero, as after zero_grad()
};

/// A tensor that is saved with the weights but never optimised, such as running statistics.
struct Buffer {
  std::string name;  ///< inside its layer
  Tensor value;      ///< the buffer
};

/// A parameter with its full name, as PyTorch's state_dict() writes it: "conv.0.weight".
struct NamedParameter {
  std::string name;      ///< full name
  Parameter* parameter;  ///< owned by its layer
};

/// A buffer with its full name.
struct NamedBuffer {
  std::string name;  ///< full name
  Buffer* buffer;    ///< owned by its layer
};

/// What a layer is, without its numbers: layer table, architecture figures and fusion are made from it.
struct Spec {
  std::string kind;                                          ///< "Conv2d", "Sequential", ...
  std::vector<std::pair<std::string, std::string>> options;  ///< such as {"kernel", "5x5"}
  std::vector<std::pair<std::string, Spec>> children;        ///< named as in the keys
};

/// What one forward pass of a layer costs.
struct Cost {
  Index parameters = 0;        ///< numbers to learn
  Index macs = 0;              ///< multiplications with addition, for the whole batch of the shape given
  Index activation_bytes = 0;  ///< what forward() keeps for backward(), in bytes, for the whole batch
  bool keeps_input = false;    ///< whether the input is among what is kept
  bool keeps_output =
      false;  ///< whether the output is; a layer after it that keeps its input needs no memory for that
};

/// The pixels of the network's input that one element of a tensor depends on.
struct ReceptiveField {
  Size2d size{1};    ///< height and width, in pixels, borders of padding included
  Size2d jump{1};    ///< pixels from the centre of one element's field to that of the next
  bool all = false;  ///< every pixel; size and jump mean nothing then

  /// \param kernel  window of a layer
  /// \param stride  its step
  /// \return        field after the layer: size + (kernel - 1) jump, and jump times stride
  ReceptiveField through(Size2d kernel, Size2d stride) const;
};

/// A tensor on its way through a network, without its elements: what the layer table follows from layer to layer.
struct Flow {
  Shape shape;           ///< sizes of the axes
  ReceptiveField field;  ///< what one element sees of the network's input
  Index kept = 0;        ///< how many of its elements earlier layers keep for their backward passes
  Index room = 0;        ///< channels that can be put behind its own, see Tensor::with_room()
};

/// How much of the work of a ReLU the layer before it does, see fuse.hpp.
enum class ReluShare {
  none,     ///< nothing
  forward,  ///< it writes max(y, 0), and the ReLU has only the backward pass to do
  all       ///< it takes back its gradient through both, too, and the ReLU has nothing to do
};

class Module;

/// A module among the leaves of a network, in the order of the forward pass.
struct Leaf {
  std::string name;      ///< full name, "conv.0"
  const Module* module;  ///< owned by its container
};

/// A layer or a network. One forward(), then at most one backward(). A module appears once in a network.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;

  /// Computes the output; in training mode keeps what backward() will need.
  /// \param x  input, by value: a module may work in place when it is the storage's only owner
  /// \return   output
  /// \throws ShapeError  the input does not fit
  virtual Tensor forward(Tensor x) = 0;

  /// Adds dL/dparameter to each parameter's grad and lets go of what forward() kept.
  /// \param grad_y  dL/doutput
  /// \return        dL/dinput
  ///                not defined() where set_input_grad_needed(false) spared the work
  /// \throws StateError  there was no forward() in training mode since the last backward()
  /// \throws ShapeError  grad_y is not of the output's shape
  virtual Tensor backward(Tensor grad_y) = 0;

  /// \return the parameters with their full names, in the order of PyTorch's state_dict()
  virtual std::vector<NamedParameter> named_parameters() { return {}; }

  /// \return the buffers with their full names
  virtual std::vector<NamedBuffer> named_buffers() { return {}; }

  /// Switches between training and evaluation; evaluation keeps nothing for a backward pass.
  /// \param on  true for training
  virtual void train(bool on) { training_ = on; }

  /// Says whether anyone reads what backward() returns. For the first layer of a network nobody does, and a convolution
  /// there spends about a third of its backward pass on it. Layers for which it is cheap return it all the same.
  /// \param needed  false to allow backward() to return a tensor that is not defined()
  virtual void set_input_grad_needed(bool needed) { input_grad_needed_ = needed; }

  /// Takes over work of a ReLU that follows, from the next forward() on.
  /// \return how much
  virtual ReluShare take_over_relu() { return ReluShare::none; }

  /// Moves parameters, gradients and buffers.
  /// \param device  destination
  virtual void to(Device device);

  /// \param x  shape of an input
  /// \return   shape of the output
  /// \throws ShapeError  the input does not fit
  virtual Shape output_shape(const Shape& x) const = 0;

  /// \param x  shape of an input
  /// \return   what one forward pass costs; memory that two layers share is counted once
  /// \throws ShapeError  the input does not fit
  virtual Cost cost(const Shape& x) const = 0;

  /// \return what this layer is
  virtual Spec spec() const = 0;

  /// \return the layers that are no containers, in the order of the forward pass, with their full names; a layer by itself
  ///         returns itself under the empty name
  virtual std::vector<Leaf> leaves() const { return {{"", this}}; }

  /// Follows a tensor through this module.
  /// \param x  the input
  /// \return   the output
  /// \throws ShapeError  the input does not fit
  virtual Flow trace(const Flow& x) const;

  /// \param x  the input
  /// \return   what each of the leaves() gets as its input, in their order
  /// \throws ShapeError  the input does not fit
  virtual std::vector<Flow> leaf_inputs(const Flow& x) const { return {x}; }

  /// \return the parameters without their names
  std::vector<Parameter*> parameters();

  /// \return true in training mode, which is where a module starts
  bool is_training() const noexcept { return training_; }

  /// \return whether backward() must return a gradient, see set_input_grad_needed()
  bool is_input_grad_needed() const noexcept { return input_grad_needed_; }

  /// Drops every parameter's gradient: the next backward() writes it instead of adding to it.
  void zero_grad();

 private:
  bool training_ = true;
  bool input_grad_needed_ = true;
};

/// \param module  a layer or a network
/// \return        where its parameters are, and so its inputs must be; the CPU if it has none
Device device_of(Module& module);

/// Adds to a parameter's gradient; the first one after zero_grad() is taken as it is.
/// \param parameter  whose gradient
/// \param grad       what to add, same shape
/// \throws ShapeError  shapes differ
void add_grad(Parameter& parameter, Tensor grad);

}  // namespace cnn::nn

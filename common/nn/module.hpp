// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
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
  std::string name;      ///< inside its layer
  Tensor value;          ///< the buffer
  bool on_host = false;  ///< whether it stays there when its layer is moved to a device
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

/// What a layer is, without its numbers and its children: layer table and architecture figures are made from it.
struct Spec {
  std::string kind;                                               ///< "Conv2d", "Sequential", ...
  std::vector<std::pair<std::string, std::string>> options = {};  ///< such as {"kernel", "5x5"}
};

/// What one forward pass of a network costs.
struct Cost {
  Index parameters = 0;  ///< numbers to learn
  Index macs = 0;        ///< multiplications with addition, for the whole batch of the shape given
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

class Module;

/// A module inside another one.
struct NamedModule {
  std::string name;  ///< its part of the full names; empty adds nothing to them
  std::shared_ptr<Module>
      module;  ///< on the heap, so that addresses of parameters stay valid when the outer one is moved
};

/// A module among the leaves of a network, in the order of the forward pass.
struct Leaf {
  std::string name;      ///< full name, "conv.0"
  const Module* module;  ///< owned by its container
};

/// A layer or a network: a tree. One forward(), then at most one backward(). A module appears once in a network.
///
/// A layer says what only it knows: its two passes, its own parameters and buffers, what shape and work it makes. All else is
/// said once for every tree of modules, in tree.cpp.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;

  /// Computes the output; in training mode saves what backward() will need.
  /// \param x  input, by value: a module may work in place when it is the storage's only owner
  /// \return   output
  /// \throws ShapeError  the input does not fit
  virtual Tensor forward(Tensor x) = 0;

  /// Adds dL/dparameter to each parameter's grad and lets go of what forward() saved.
  /// \param grad_y  dL/doutput
  /// \return        dL/dinput
  ///                not defined() where set_input_grad_needed(false) spared the work
  /// \throws StateError  there was no forward() in training mode since the last backward()
  /// \throws ShapeError  grad_y is not of the output's shape
  virtual Tensor backward(Tensor grad_y) = 0;

  /// \param x  shape of an input
  /// \return   shape of the output
  /// \throws ShapeError  the input does not fit
  virtual Shape output_shape(const Shape& x) const = 0;

  /// \return what this module is
  virtual Spec spec() const = 0;

  /// \return the parameters of this module itself, in the order of PyTorch's state_dict()
  virtual std::vector<Parameter*> own_parameters() { return {}; }

  /// \return the buffers of this module itself
  virtual std::vector<Buffer*> own_buffers() { return {}; }

  /// \param x  shape of an input of a layer
  /// \return   multiplications with addition in its forward pass; cost() adds up those of a network
  /// \throws ShapeError  the input does not fit
  virtual Index macs([[maybe_unused]] const Shape& x) const { return 0; }

  /// \param x  what one element of a layer's input sees of the network's input
  /// \return   what one element of its output sees
  virtual ReceptiveField receptive_field(const ReceptiveField& x) const { return x; }

  /// \return the modules this one is made of, in the order of the forward pass; none for a layer
  const std::vector<NamedModule>& children() const noexcept { return children_; }

  /// \return the parameters with their full names, in the order of PyTorch's state_dict()
  std::vector<NamedParameter> named_parameters();

  /// \return the buffers with their full names
  std::vector<NamedBuffer> named_buffers();

  /// \return the parameters without their names
  std::vector<Parameter*> parameters();

  /// Drops every parameter's gradient: the next backward() writes it instead of adding to it.
  void zero_grad();

  /// Switches between training and evaluation; evaluation saves nothing for a backward pass.
  /// \param on  true for training
  void train(bool on);

  /// Moves parameters, gradients and buffers.
  /// \param device  destination
  void to(Device device);

  /// Says whether anyone reads what backward() returns. For the first layer of a network nobody does, and a convolution
  /// there spends about a third of its backward pass on it. Layers for which it is cheap return it all the same.
  /// \param needed  false to allow backward() to return a tensor that is not defined()
  void set_input_grad_needed(bool needed);

  /// \return the layers, in the order of the forward pass, with their full names; a layer by itself returns itself under the
  ///         empty name
  std::vector<Leaf> leaves() const;

  /// \param x  shape of an input
  /// \return   what one forward pass costs
  /// \throws ShapeError  the input does not fit
  Cost cost(const Shape& x) const;

  /// \return true in training mode, which is where a module starts
  bool is_training() const noexcept { return training_; }

  /// \return whether backward() must return a gradient, see set_input_grad_needed()
  bool is_input_grad_needed() const noexcept { return input_grad_needed_; }

 protected:
  std::vector<NamedModule> children_;  ///< see children()

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

// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/backend/communicator.hpp"
#include "common/backend/operation.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn {

/// The arithmetic of every operation on the tensors of one kind of device. Shapes are right and outputs exist when a method is
/// called (the functions in common/ops see to both). A backend has them all, or the compiler refuses it; a rung of the CPU's
/// ladder writes down what it does better and inherits the rest, see Rung.
///
/// Letters as in oneDNN: n images, ic/oc channels in and out, ih/iw and oh/ow pixels, kh/kw kernel. Image tensors may be
/// strided along n (a range of channels), and so may the tensors of element-by-element methods; all others are dense. Every
/// output is overwritten unless `write` says otherwise.
class Backend {
 public:
  Backend() = default;
  virtual ~Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  /// \return "reference", "xtensor", ...
  virtual std::string name() const = 0;

  /// \param operation  one of those below
  /// \param x          shape of x, [n, ic, ih, iw] or [n, in]
  /// \param weight     shape of the weight, [oc, ic, kh, kw] or [out, in]
  /// \param g          stride and padding of a convolution
  /// \return           bytes of work space that it takes beside its arguments, on all threads of thread_count() together
  virtual Index scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                              const ConvGeometry& g) const = 0;

  /// y[n, oc, oh, ow] = x[n, ic, ih, iw] cross-correlated with the weight, plus the bias, then w.epilogue.
  /// \param y,x,w,g  as in ops::conv2d()
  virtual void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) = 0;
  /// grad_x[n, ic, ih, iw] = dL/dx from grad_y[n, oc, oh, ow].
  /// \param grad_x,grad_y,weight,g,write  as in ops::conv2d_backward_input_into()
  virtual void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                     const ConvGeometry& g, Write write) = 0;
  /// grad_weight[oc, ic, kh, kw] = dL/dweight; grad_bias[oc] = dL/dbias unless null: sums over images, made by shards.
  /// \param grad_weight,grad_bias,grad_y,x,g,shards  as in ops::conv2d_backward_weight_into()
  virtual void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                      const Tensor& x, const ConvGeometry& g, const Shards& shards) = 0;

  /// y[n, out] = x[n, in] weight[out, in]^T + bias[out], then w.epilogue.
  /// \param y,x,w  as in ops::linear()
  virtual void linear(Tensor& y, const Tensor& x, const ConvWeights& w) = 0;
  /// grad_x[n, in] = grad_y[n, out] weight[out, in].
  /// \param grad_x,grad_y,weight  as in ops::linear_backward()
  virtual void linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) = 0;
  /// grad_weight[out, in] = grad_y^T x; grad_bias[out] = column sums of grad_y unless null: sums over rows, made by shards.
  /// \param grad_weight,grad_bias,grad_y,x,shards  as in ops::linear_backward_weight_into()
  virtual void linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                      const Tensor& x, const Shards& shards) = 0;

  /// y[n, c, oh, ow] = maximum of each window; indices[n, c, oh, ow] (i32) = its position ih * width + iw in the
  /// channel, unless null.
  /// \param y,indices,x,o  as in ops::max_pool2d()
  virtual void max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) = 0;
  /// grad_x[n, c, ih, iw] = grad_y sent to the positions in `indices`.
  /// \param grad_x,grad_y,indices,o,write  as in ops::max_pool2d_backward_into()
  virtual void max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                                   const Pool2dOptions& o, Write write) = 0;
  /// y[n, c, oh, ow] = sum over each window / (kh kw).
  /// \param y,x,o  as in ops::avg_pool2d()
  virtual void avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) = 0;
  /// grad_x[n, c, ih, iw] = grad_y / (kh kw), spread over the window.
  /// \param grad_x,grad_y,o,write  as in ops::avg_pool2d_backward_into()
  virtual void avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o,
                                   Write write) = 0;

  /// y = f(x), element by element; y may be x.
  /// \param y,x,f  as in ops::activation()
  virtual void activation(Tensor& y, const Tensor& x, Activation f) = 0;
  /// grad_x = grad_y f'(x), which y = f(x) tells, or x in its place if saves_input(f); grad_x may be grad_y.
  /// \param grad_x,grad_y,y,f  as in ops::activation_backward()
  virtual void activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y, Activation f) = 0;

  /// Statistics of each channel of x[n, c] or x[n, c, h, w] over the whole batch, of which x is a part, then y as in batch_norm().
  /// \param y,x,part    as in ops::batch_norm()
  /// \param statistics  overwritten
  /// \param norm        mean and variance are those of `statistics`
  virtual void batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                                   const Normalization& norm, const BatchPart& part) = 0;
  /// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, channel by channel, then norm.epilogue; y may be x.
  /// \param y,x,norm  as in ops::batch_norm()
  virtual void batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) = 0;
  /// grad_x where mean and variance are those of the batch; grad_x may be grad_y. grad_weight[c], grad_bias[c] are sums over the
  /// images of this process alone, as in conv2d_backward_weight(). With a ReLU in norm.epilogue grad_y counts only where y > 0,
  /// which x tells: y need not be saved.
  /// \param grad_x,grad_weight,grad_bias,grad_y,x,norm,part,write  as in ops::batch_norm_backward_into()
  virtual void batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                   const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                   const BatchPart& part, Write write) = 0;

  /// probabilities[n, k] = softmax of logits[n, k].
  /// \param probabilities,logits  as in ops::softmax()
  virtual void softmax(Tensor& probabilities, const Tensor& logits) = 0;
  /// losses[n] = -log softmax(logits)[n, labels[n]]; correct[n] (u8) = whether argmax() of the row is labels[n];
  /// grad_logits[n, k] = (softmax - one_hot) / images unless null. A label that is no class has a loss of NaN.
  /// \param losses,correct,grad_logits,logits,labels  as in ops::softmax_cross_entropy()
  /// \param images  of the whole batch
  virtual void softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits,
                                     const Tensor& logits, const Tensor& labels, Index images) = 0;

  /// y += scale * x, then the epilogue; same shape.
  /// \param y,x,scale,epilogue  as in ops::add_scaled_inplace()
  virtual void add_scaled(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) = 0;
  /// y = x * (mask ? scale : 0), mask (u8) element by element; y may be x.
  /// \param y,x,mask,scale  as in ops::dropout()
  virtual void dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) = 0;

  /// velocity = momentum velocity + grad (+ decay); value -= learning_rate velocity, for every parameter of a network.
  /// \param parameters,s  as in ops::sgd_step_inplace()
  virtual void sgd_step(const std::vector<SgdParameter>& parameters, const SgdStep& s) = 0;
  /// One step of Adam: updates both moments and the value of every parameter of a network.
  /// \param parameters,s  as in ops::adam_step_inplace()
  virtual void adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) = 0;
};

/// \param device  where tensors are
/// \return        what computes with them: on the CPU the rung in use, at first the fastest one of this build
/// \throws DeviceError  this build or machine has no such device
Backend& backend_for(Device device);

/// Names of the backends of this build and machine: the rungs of the CPU, slowest first ("reference", "xtensor", ...), then
/// "cuda" if a device is there.
/// \return names, each accepted by use_backend()
std::vector<std::string> backend_names();

/// Picks the rung that computes with the CPU's tensors from now on, or the device that default_device() names. Where an
/// operation is done depends on its arguments alone.
/// \param name  one of backend_names()
/// \throws UsageError   no such backend in any build
/// \throws DeviceError  this build or machine lacks it
void use_backend(const std::string& name);

/// \return where a program that has not been told otherwise puts its network and its data: the device of the last
///         use_backend(); at first a CUDA device if a real one is there, never an emulated one, else the CPU
Device default_device();

/// What use_backend() picks, for the life of a scope; puts the former choice back. For tests and comparisons.
class BackendScope {
 public:
  /// \param name  one of backend_names()
  explicit BackendScope(const std::string& name);
  ~BackendScope();
  BackendScope(const BackendScope&) = delete;
  BackendScope& operator=(const BackendScope&) = delete;

 private:
  Backend* former_rung_;
  Device former_device_;
};

/// Instruction sets that the `simd` rung has for this CPU, slowest first: "portable", "avx2", "avx512".
/// \return names, each accepted by use_simd_level()
std::vector<std::string> simd_level_names();

/// Picks the instruction set of the `simd` rung from now on; at first it is that of the environment variable CNN_SIMD, else
/// the best.
/// \param name  one of simd_level_names()
/// \throws UsageError   no such set in any build
/// \throws DeviceError  this CPU cannot run it
void use_simd_level(const std::string& name);

/// \return the instruction set of the `simd` rung
std::string simd_level();

/// The lowest rung: plain loops. \return a new one
std::unique_ptr<Backend> make_reference_backend();
/// xtensor and BLAS. \param below the rung that does the rest \return a new one
std::unique_ptr<Backend> make_xtensor_backend(Backend& below);
/// Kernels written for the CPU's vector registers. \param below the rung that does the rest \return a new one
std::unique_ptr<Backend> make_simd_backend(Backend& below);
/// Nothing is computed on `meta`. \return a new one
std::unique_ptr<Backend> make_meta_backend();
/// The CUDA rung. \return a new one, or null if this build or machine has no CUDA
std::unique_ptr<Backend> make_cuda_backend();

}  // namespace cnn

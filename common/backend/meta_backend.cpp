// SPDX-License-Identifier: MIT
#include "common/backend/backend.hpp"

namespace cnn {
namespace {

/// Computes nothing: its tensors have no elements. It takes and frees the work space that the default device's backend would.
class MetaBackend : public Backend {
 public:
  std::string name() const override { return "meta"; }
  Index scratch_bytes(Operation, const Shape&, const Shape&, const ConvGeometry&) const override { return 0; }

  void conv2d(Tensor&, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) override {
    use_scratch(Operation::conv2d, x.shape(), w.weight.shape(), g);
  }
  void conv2d_backward_input(Tensor& grad_x, const Tensor&, const Tensor& weight, const ConvGeometry& g,
                             Write) override {
    use_scratch(Operation::conv2d_backward_input, grad_x.shape(), weight.shape(), g);
  }
  void conv2d_backward_weight(Tensor& grad_weight, Tensor*, const Tensor&, const Tensor& x,
                              const ConvGeometry& g, const Shards&) override {
    use_scratch(Operation::conv2d_backward_weight, x.shape(), grad_weight.shape(), g);
  }
  void linear(Tensor&, const Tensor& x, const ConvWeights& w) override {
    use_scratch(Operation::linear, x.shape(), w.weight.shape());
  }
  void linear_backward_input(Tensor& grad_x, const Tensor&, const Tensor& weight) override {
    use_scratch(Operation::linear_backward_input, grad_x.shape(), weight.shape());
  }
  void linear_backward_weight(Tensor& grad_weight, Tensor*, const Tensor&, const Tensor& x,
                              const Shards&) override {
    use_scratch(Operation::linear_backward_weight, x.shape(), grad_weight.shape());
  }
  void max_pool2d(Tensor&, Tensor*, const Tensor&, const Pool2dOptions&) override {}
  void max_pool2d_backward(Tensor&, const Tensor&, const Tensor&, const Pool2dOptions&, Write) override {}
  void avg_pool2d(Tensor&, const Tensor&, const Pool2dOptions&) override {}
  void avg_pool2d_backward(Tensor&, const Tensor&, const Pool2dOptions&, Write) override {}
  void activation(Tensor&, const Tensor&, Activation) override {}
  void activation_backward(Tensor&, const Tensor&, const Tensor&, Activation) override {}
  void batch_norm_training(Tensor&, const BatchStatistics&, const Tensor&, const Normalization&,
                           const BatchPart&) override {}
  void batch_norm(Tensor&, const Tensor&, const Normalization&) override {}
  void batch_norm_backward(Tensor&, Tensor&, Tensor&, const Tensor&, const Tensor&, const Normalization&,
                           const BatchPart&, Write) override {}
  void softmax(Tensor&, const Tensor&) override {}
  void softmax_cross_entropy(Tensor&, Tensor&, Tensor*, const Tensor&, const Tensor&, Index) override {}
  void add_scaled(Tensor&, const Tensor&, float, const Epilogue&) override {}
  void dropout(Tensor&, const Tensor&, const Tensor&, float) override {}
  void sgd_step(const std::vector<SgdParameter>&, const SgdStep&) override {}
  void adam_step(const std::vector<AdamParameter>&, const AdamStep&) override {}

 private:
  static void use_scratch(Operation operation, const Shape& x, const Shape& weight,
                          const ConvGeometry& g = {}) {
    const Index bytes = backend_for(default_device()).scratch_bytes(operation, x, weight, g);
    if (bytes > 0) Storage::allocate(bytes, {DeviceType::meta});
  }
};

}  // namespace

std::unique_ptr<Backend> make_meta_backend() { return std::make_unique<MetaBackend>(); }

}  // namespace cnn

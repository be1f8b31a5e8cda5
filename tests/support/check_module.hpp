// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "common/backend/backend.hpp"
#include "common/core/device_memory.hpp"
#include "common/core/random.hpp"
#include "common/nn/tree.hpp"

namespace cnn::test {

/// The contract of nn::Module, to which every layer and network is held: construct one on a fresh module, call run().
class ModuleContract {
 public:
  /// \param module   what to check, fresh from its constructor
  /// \param x_shape  shape of an input that fits; small, because each element is varied
  /// \param evaluation_differs  whether evaluation computes something else than training
  ModuleContract(nn::Module& module, const Shape& x_shape, bool evaluation_differs = false)
      : module_(module),
        device_(default_device()),
        x_(spread_values(x_shape).to(device_)),
        evaluation_differs_(evaluation_differs) {
    module_.to(device_);
  }

  /// Checks everything.
  void run() {
    BOOST_TEST_CONTEXT(module_.spec().kind << " on " << backend_for(default_device()).name()
                                           << ", x = " << to_string(x_.shape())) {
      backward_before_forward_throws();
      announced_shape_is_the_real_one();
      inputs_stay_untouched_and_results_repeat();
      later_backward_adds();
      gradients_are_central_differences();
      spared_input_gradient_changes_nothing_else();
      wrong_gradient_shape_throws();
      evaluation_saves_nothing();
    }
  }

  /// Distinct values, none near zero and no two near each other, so that a small change moves no maximum and crosses
  /// no kink.
  static Tensor spread_values(const Shape& shape) {
    std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
    std::iota(values.begin(), values.end(), 0.5F - static_cast<float>(values.size() / 2));
    Rng rng(1);
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.draw() % i]);
    for (float& value : values) value *= spacing(shape);
    return Tensor::from_values(shape, values);
  }

  /// \param t  any float tensor
  /// \return   its elements
  static std::vector<float> host(const Tensor& t) {
    const Tensor copy = t.clone().to({});
    return {copy.values().begin(), copy.values().end()};
  }

 private:
  static float spacing(const Shape& shape) { return 4.0F / static_cast<float>(element_count(shape)); }

  Tensor random_like(const Shape& shape) const {
    Tensor t = Tensor::empty(shape);
    Rng rng(2);
    rng.fill_uniform(t.values(), -1, 1);
    return t.to(device_);
  }

  void backward_before_forward_throws() { BOOST_CHECK_THROW(module_.backward(x_), StateError); }

  void announced_shape_is_the_real_one() {
    const Shape announced = module_.output_shape(x_.shape());
    y_ = module_.forward(x_).clone();
    BOOST_TEST(to_string(announced) == to_string(y_.shape()));
    BOOST_TEST(to_string(nn::trace(module_, {x_.shape()}).shape) == to_string(announced));
    grad_y_ = random_like(y_.shape());
  }

  void inputs_stay_untouched_and_results_repeat() {
    const std::vector<float> x_before = host(x_);
    const std::vector<float> grad_y_before = host(grad_y_);
    for (int run = 0; run < 2; ++run) {
      module_.zero_grad();
      BOOST_TEST(host(module_.forward(x_)) == host(y_), boost::test_tools::per_element());
      const Tensor grad_x = module_.backward(grad_y_);
      BOOST_TEST(host(x_) == x_before, boost::test_tools::per_element());
      BOOST_TEST(host(grad_y_) == grad_y_before, boost::test_tools::per_element());
      if (run == 0) {
        grad_x_ = grad_x.clone();
        for (const nn::Parameter* p : module_.parameters()) grads_.push_back(host(p->grad));
      }
      BOOST_TEST(host(grad_x) == host(grad_x_), boost::test_tools::per_element());
      check_grads(1);
    }
    BOOST_TEST(to_string(grad_x_.shape()) == to_string(x_.shape()));
    BOOST_CHECK_THROW(module_.backward(grad_y_), StateError);
  }

  void later_backward_adds() {
    module_.forward(x_);
    module_.backward(grad_y_);
    check_grads(2);
  }

  void check_grads(float times) {
    const std::vector<nn::Parameter*> all = module_.parameters();
    BOOST_REQUIRE_EQUAL(all.size(), grads_.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<float> expected = grads_[i];
      for (float& value : expected) value *= times;
      BOOST_TEST(host(all[i]->grad) == expected, boost::test_tools::per_element());
    }
  }

  double loss(const Tensor& x) {
    const std::vector<float> y = host(module_.forward(x));
    const std::vector<float> weights = host(grad_y_);
    return std::inner_product(y.begin(), y.end(), weights.begin(), 0.0);
  }

  /// Varies each element of a tensor that the loss depends on; every seventh one on an emulated device, which is slow.
  void check_differences(Tensor& varied, const Tensor& x, const std::vector<float>& gradient,
                         const std::string& name) {
    const std::vector<float> start = host(varied);
    const float step = std::min(spacing(x_.shape()) / 4, 0.01F);
    const bool emulated = device_.type == DeviceType::cuda && device_memory::is_emulated(device_.index);
    for (std::size_t i = 0; i < start.size(); i += emulated ? 7 : 1) {
      std::vector<float> values = start;
      double losses[2];
      double ends[2];
      for (const int side : {0, 1}) {
        values[i] = side == 0 ? start[i] - step : start[i] + step;
        ends[side] = values[i];
        varied.copy_from(Tensor::from_values(varied.shape(), values));
        losses[side] = loss(x);
      }
      const double difference = (losses[1] - losses[0]) / (ends[1] - ends[0]);
      BOOST_TEST(std::abs(difference - gradient[i]) < 1e-3 * (1 + std::abs(difference)),
                 name << "[" << i << "]: backward gives " << gradient[i] << ", the difference quotient "
                      << difference);
    }
    varied.copy_from(Tensor::from_values(varied.shape(), start));
  }

  void gradients_are_central_differences() {
    Tensor x = x_.clone();
    check_differences(x, x, host(grad_x_), "x");
    const std::vector<nn::NamedParameter> all = module_.named_parameters();
    for (std::size_t i = 0; i < all.size(); ++i)
      check_differences(all[i].parameter->value, x_, grads_[i], all[i].name);
  }

  void spared_input_gradient_changes_nothing_else() {
    module_.set_input_grad_needed(false);
    module_.zero_grad();
    module_.forward(x_);
    module_.backward(grad_y_);
    check_grads(1);
    module_.set_input_grad_needed(true);
  }

  void wrong_gradient_shape_throws() {
    Shape wrong = y_.shape();
    wrong.back() += 1;
    module_.forward(x_);
    BOOST_CHECK_THROW(module_.backward(Tensor::zeros(wrong, device_)), ShapeError);
  }

  void evaluation_saves_nothing() {
    module_.forward(x_);
    module_.train(false);
    BOOST_TEST(!module_.is_training());
    const std::vector<float> evaluated = host(module_.forward(x_));
    BOOST_TEST((evaluated != host(y_)) == evaluation_differs_);
    const Index before = memory_stats().in_use;
    BOOST_TEST(host(module_.forward(x_)) == evaluated, boost::test_tools::per_element());
    BOOST_TEST(host(module_.forward(x_.clone())) == evaluated, boost::test_tools::per_element());
    BOOST_TEST(memory_stats().in_use == before);
    BOOST_CHECK_THROW(module_.backward(grad_y_), StateError);
    module_.train(true);
  }

  nn::Module& module_;
  Device device_;
  Tensor x_, y_, grad_y_, grad_x_;
  bool evaluation_differs_;
  std::vector<std::vector<float>> grads_;  // of the parameters, after one backward pass
};

/// Holds a module to its contract on one rung.
/// \param backend  name of the rung
/// \param module   fresh from its constructor
/// \param x_shape  shape of an input that fits
/// \param evaluation_differs  whether evaluation computes something else than training
inline void check_module(const std::string& backend, nn::Module&& module, const Shape& x_shape,
                         bool evaluation_differs = false) {
  const BackendScope scope(backend);
  ModuleContract(module, x_shape, evaluation_differs).run();
}

}  // namespace cnn::test

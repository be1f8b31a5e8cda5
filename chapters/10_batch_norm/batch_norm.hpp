// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "common/cnn.hpp"
#include "common/tensor/view.hpp"

/// Section 5.10: batch normalization, written from scratch with xtensor.
namespace cnn::batch_norm {

/// Shows images [n, c, h, w] and rows [n, c] to xtensor in the same way: as [n, c, p] with p = h w pixels, or one. What belongs
/// to a channel, such as gamma, [1, c, 1, 1] or [1, c], becomes [1, c, 1], which xtensor broadcasts against the values.
/// \param x  a dense host tensor, which must outlive the view
/// \return   an xtensor adaptor
inline auto values_of(const Tensor& x) {
  return view<3>(x.reshape({x.shape()[0], x.shape()[1], -1}));
}

/// The same for writing.
/// \param x  a dense host tensor, which must outlive the view
/// \return   an xtensor adaptor
inline auto values_of(Tensor& x) {
  Tensor flat = x.reshape({x.shape()[0], x.shape()[1], -1});
  return view<3>(flat);
}

/// \param values  an expression, [n, c, p]
/// \return        its sum over examples and pixels, added up in double, [1, c, 1]
//! [channel sum]
template <typename Expression>
Tensor channel_sum(const Expression& values) {
  const auto options = xt::keep_dims | xt::evaluation_strategy::immediate;
  return from_xtensor(
      xt::sum<double>(values, std::array<std::size_t, 2>{0, 2}, options));
}
//! [channel sum]

/// Mean and variance of each channel, [1, c, 1].
struct Statistics {
  Tensor mean;      ///< over examples and pixels
  Tensor variance;  ///< mean squared deviation, without Bessel's correction
};

/// \f[ \mu_c = \frac1m \sum_{n,p} x_{n,c,p}, \qquad \sigma^2_c = \frac1m \sum_{n,p} (x_{n,c,p} - \mu_c)^2,
///     \qquad m = \text{examples} \cdot \text{pixels} \f]
/// \param x  images [n, c, h, w] or rows [n, c]
/// \return   the statistics of the batch
//! [statistics]
inline Statistics batch_statistics(const Tensor& x) {
  const auto m = static_cast<float>(x.size() / x.shape()[1]);
  const auto values = values_of(x);
  const Tensor mean = from_xtensor(values_of(channel_sum(values)) / m);
  const Tensor variance = from_xtensor(
      values_of(channel_sum(xt::square(values - values_of(mean)))) / m);
  return {mean, variance};
}
//! [statistics]

/// \f[ \hat x_{n,c,p} = \frac{x_{n,c,p} - \mu_c}{\sqrt{\sigma^2_c + \epsilon}} \f]
/// \param x           images [n, c, h, w] or rows [n, c]
/// \param statistics  of the batch in training, moving averages in evaluation
/// \param epsilon     added to the variance, against division by zero
/// \return            like x, with mean 0 and variance 1 in each channel if the statistics are its own
//! [normalize]
inline Tensor normalize(const Tensor& x, const Statistics& statistics,
                        float epsilon) {
  Tensor x_hat = Tensor::empty(x.shape());
  auto result = values_of(x_hat);
  xt::noalias(result) = (values_of(x) - values_of(statistics.mean)) /
                        xt::sqrt(values_of(statistics.variance) + epsilon);
  return x_hat;
}
//! [normalize]

/// \f[ y_{n,c,p} = \gamma_c\, \hat x_{n,c,p} + \beta_c \f]
/// \param x_hat  what normalize() returned
/// \param gamma  scale, one number a channel
/// \param beta   shift, one number a channel
/// \return       like x_hat
//! [scale and shift]
inline Tensor scale_and_shift(const Tensor& x_hat, const Tensor& gamma,
                              const Tensor& beta) {
  Tensor y = Tensor::empty(x_hat.shape());
  auto result = values_of(y);
  xt::noalias(result) = values_of(gamma) * values_of(x_hat) + values_of(beta);
  return y;
}
//! [scale and shift]

/// Gradients of a loss with respect to input, scale and shift of a batch normalization.
struct Gradients {
  Tensor x;      ///< like x
  Tensor gamma;  ///< [1, c, 1]
  Tensor beta;   ///< [1, c, 1]
};

/// The backward pass, in training: mean and variance depend on every value of the channel, hence the two means that are taken off.
///
/// \f[ \bar\beta_c = \sum_{n,p} \bar y_{n,c,p}, \qquad \bar\gamma_c = \sum_{n,p} \bar y_{n,c,p}\, \hat x_{n,c,p} \f]
/// \f[ \bar x_{n,c,p} = \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}}
///     \left( \bar y_{n,c,p} - \frac{\bar\beta_c + \hat x_{n,c,p}\, \bar\gamma_c}{m} \right) \f]
///
/// \param grad_y    dL/dy, like x
/// \param x_hat     what normalize() returned
/// \param gamma     scale, one number a channel
/// \param variance  of the batch, one number a channel
/// \param epsilon   added to the variance, as in normalize()
/// \return          all three gradients, in new tensors
//! [backward]
inline Gradients backward(const Tensor& grad_y, const Tensor& x_hat,
                          const Tensor& gamma, const Tensor& variance,
                          float epsilon) {
  const auto m = static_cast<float>(x_hat.size() / x_hat.shape()[1]);
  const Tensor grad_beta = channel_sum(values_of(grad_y));
  const Tensor grad_gamma = channel_sum(values_of(grad_y) * values_of(x_hat));
  const Tensor scale =
      from_xtensor(values_of(gamma) / xt::sqrt(values_of(variance) + epsilon));

  Tensor grad_x = Tensor::empty(x_hat.shape());
  auto result = values_of(grad_x);
  xt::noalias(result) =
      values_of(scale) *
      (values_of(grad_y) -
       (values_of(grad_beta) + values_of(x_hat) * values_of(grad_gamma)) / m);
  return {grad_x, grad_gamma, grad_beta};
}
//! [backward]

/// \param moving    an average over the batches so far, changed: 0.9 of it is kept
/// \param of_batch  the same statistic of the latest batch
/// \param momentum  share that is kept
//! [follow]
inline void follow(Tensor& moving, const Tensor& of_batch, float momentum) {
  auto average = values_of(moving);
  average = momentum * average + (1 - momentum) * values_of(of_batch);
}
//! [follow]

/// Batch normalization as the section's class has it, with its names and its choices: the moving variance starts at 0 and
/// averages the variance without Bessel's correction; the momentum of 0.9 is the share that is kept.
///
/// Draws nothing. The class of the book keeps its moving averages as plain attributes, so that its saved weights are without
/// them; here they are saved too, since without them a loaded network could not be evaluated. Computes on the host, on
/// every rung.
/// \see  S. Ioffe and C. Szegedy, "Batch normalization" (2015)
class BatchNorm : public nn::Module {
 public:
  /// \param features  channels of images, or length of rows
  /// \param num_dims  4 for images [n, c, h, w], 2 for rows [n, c]
  /// \throws ShapeError  there is no feature, or num_dims is neither
  BatchNorm(Index features, Index num_dims) {
    CNN_CHECK(features > 0 && (num_dims == 2 || num_dims == 4), ShapeError,
              "[BatchNorm] " + std::to_string(features) + " features in " +
                  std::to_string(num_dims) +
                  " dimensions; give at least 1 feature in 2 or 4 dimensions");
    const Shape shape =
        num_dims == 2 ? Shape{1, features} : Shape{1, features, 1, 1};
    gamma_.value = Tensor::from_values(
        shape, std::vector<float>(static_cast<std::size_t>(features), 1.0F));
    beta_.value = Tensor::zeros(shape);
    moving_mean_.value = Tensor::zeros(shape);
    moving_var_.value = Tensor::zeros(shape);
  }

  //! [layer]
  Tensor forward(Tensor x) override {
    output_shape(x.shape());  // throws if x does not fit
    const Device device = x.device();
    x = x.to({});
    const bool training = is_training();
    const Statistics moving{moving_mean_.value, moving_var_.value};
    const Statistics statistics = training ? batch_statistics(x) : moving;
    if (training) {
      follow(moving_mean_.value, statistics.mean, momentum);
      follow(moving_var_.value, statistics.variance, momentum);
    }
    const Tensor x_hat = normalize(x, statistics, epsilon);
    state_.save({x_hat, statistics.variance}, training);
    return scale_and_shift(x_hat, gamma_.value.to({}), beta_.value.to({}))
        .to(device);
  }

  Tensor backward(Tensor grad_y) override {
    const auto [x_hat, variance] = state_.take("BatchNorm");
    check_backward(grad_y, x_hat);
    const Device device = grad_y.device();
    const Gradients grads = batch_norm::backward(
        grad_y.to({}), x_hat, gamma_.value.to({}), variance, epsilon);
    nn::add_grad(gamma_, grads.gamma.reshape(gamma_.value.shape()).to(device));
    nn::add_grad(beta_, grads.beta.reshape(beta_.value.shape()).to(device));
    return grads.x.to(device);
  }
  //! [layer]

  std::vector<nn::Parameter*> own_parameters() override {
    return {&gamma_, &beta_};
  }
  std::vector<nn::Buffer*> own_buffers() override {
    return {&moving_mean_, &moving_var_};
  }
  Shape output_shape(const Shape& x) const override {
    const Shape& own = gamma_.value.shape();
    CNN_CHECK(x.size() == own.size() && x[1] == own[1], ShapeError,
              "[BatchNorm] expects [n, " + std::to_string(own[1]) +
                  (own.size() == 4 ? ", h, w" : "") + "], x is " + to_string(x));
    return x;
  }
  nn::Spec spec() const override {
    return {.kind = "BatchNorm",
            .options = {{"features", std::to_string(gamma_.value.size())},
                        {"dims", std::to_string(gamma_.value.rank())},
                        {"epsilon", "1e-05"}}};
  }

 private:
  struct State {
    Tensor x_hat;
    Tensor variance;
  };

  static void check_backward(const Tensor& grad_y, const Tensor& x_hat) {
    CNN_CHECK(grad_y.shape() == x_hat.shape(), ShapeError,
              "[BatchNorm] the output is " + to_string(x_hat.shape()) +
                  ", its gradient " + to_string(grad_y.shape()) +
                  "; pass dL/dy of the last forward()");
  }

  static constexpr float epsilon = 1e-5F;
  static constexpr float momentum = 0.9F;

  nn::Parameter gamma_{"gamma", {}, {}};
  nn::Parameter beta_{"beta", {}, {}};
  nn::Buffer moving_mean_{"moving_mean", {}, true};
  nn::Buffer moving_var_{"moving_var", {}, true};
  nn::Saved<State> state_;
};

}  // namespace cnn::batch_norm

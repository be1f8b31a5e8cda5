// SPDX-License-Identifier: MIT
#pragma once

#include "common/optim/optimizer.hpp"

namespace cnn::optim {

/// Settings of Adam.
struct AdamOptions {
  double learning_rate = 0.001;  ///< step size \f$ \eta \f$
  double beta1 = 0.9;            ///< decay of the mean gradient
  double beta2 = 0.999;          ///< decay of the mean squared gradient
  double epsilon = 1e-8;         ///< added to the root, against division by zero
  double weight_decay = 0;       ///< \f$ \lambda \f$: added to the gradient as \f$ \lambda\theta \f$
};

/// Adam, as `torch.optim.Adam`:
///
/// \f[ m = \beta_1 m + (1-\beta_1) g,\qquad v = \beta_2 v + (1-\beta_2) g^2,\qquad
///     \theta \mathrel{-}= \eta\, \frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)} + \epsilon} \f]
///
/// The step t is that of the optimizer, for all parameters.
/// \see D. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015)
class Adam : public Optimizer {
 public:
  /// \param parameters  what to change
  /// \param options     rates
  /// \throws UsageError  a rate is negative or not a number, or a beta is not in [0, 1)
  explicit Adam(std::vector<nn::NamedParameter> parameters, const AdamOptions& options = {});

  std::unique_ptr<Optimizer> anew() const override { return std::make_unique<Adam>(parameters(), options_); }

 private:
  void update(const std::vector<std::size_t>& places) override;

  AdamOptions options_;
  std::size_t mean_;         // slot of m
  std::size_t mean_square_;  // slot of v
};

}  // namespace cnn::optim

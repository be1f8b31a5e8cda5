// SPDX-License-Identifier: MIT
#pragma once

#include "common/optim/optimizer.hpp"

namespace cnn::optim {

/// Settings of Sgd.
struct SgdOptions {
  double learning_rate = 0.01;  ///< step size \f$ \eta \f$
  double momentum = 0;          ///< fraction \f$ \mu \f$ of the last step kept
  double weight_decay = 0;      ///< \f$ \lambda \f$: pull towards zero
};

/// Stochastic gradient descent, as `torch.optim.SGD`:
///
/// \f[ g \mathrel{+}= \lambda\theta,\qquad v = \mu v + g,\qquad \theta \mathrel{-}= \eta v \f]
class Sgd : public Optimizer {
 public:
  /// \param parameters  what to change
  /// \param options     rates
  /// \throws UsageError  a rate is negative or not a number
  explicit Sgd(std::vector<nn::NamedParameter> parameters, const SgdOptions& options = {});

  std::unique_ptr<Optimizer> anew() const override { return std::make_unique<Sgd>(parameters(), options_); }

 private:
  void update(const std::vector<std::size_t>& places) override;

  SgdOptions options_;
};

}  // namespace cnn::optim

// SPDX-License-Identifier: MIT
#include "common/optim/adam.hpp"

#include "common/ops/elementwise.hpp"

namespace cnn::optim {

Adam::Adam(std::vector<nn::NamedParameter> parameters, const AdamOptions& options)
    : Optimizer("Adam", std::move(parameters), options.learning_rate),
      options_(options),
      mean_(add_slot("mean")),
      mean_square_(add_slot("mean_square")) {
  check_option(options.beta1 >= 0 && options.beta1 < 1,
               "beta1 " + std::to_string(options.beta1) + "; it must be in [0, 1)");
  check_option(options.beta2 >= 0 && options.beta2 < 1,
               "beta2 " + std::to_string(options.beta2) + "; it must be in [0, 1)");
  check_option(options.epsilon >= 0, "epsilon " + std::to_string(options.epsilon) + "; it must be 0 or more");
  check_option(options.weight_decay >= 0,
               "weight decay " + std::to_string(options.weight_decay) + "; it must be 0 or more");
}

void Adam::update(const std::vector<std::size_t>& places) {
  std::vector<AdamParameter> all;
  for (const std::size_t i : places) {
    const nn::Parameter& p = parameter(i);
    all.push_back({p.value, p.grad, slot(mean_, i), slot(mean_square_, i)});
  }
  ops::adam_step_inplace(all, {.learning_rate = learning_rate(),
                               .beta1 = options_.beta1,
                               .beta2 = options_.beta2,
                               .epsilon = options_.epsilon,
                               .weight_decay = options_.weight_decay,
                               .step = step_count()});
}

}  // namespace cnn::optim

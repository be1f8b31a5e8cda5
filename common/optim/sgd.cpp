// SPDX-License-Identifier: MIT
#include "common/optim/sgd.hpp"

#include "common/ops/elementwise.hpp"

namespace cnn::optim {

Sgd::Sgd(std::vector<nn::NamedParameter> parameters, const SgdOptions& options)
    : Optimizer("Sgd", std::move(parameters), options.learning_rate), options_(options) {
  check_option(options.momentum >= 0,
               "momentum " + std::to_string(options.momentum) + "; it must be 0 or more");
  check_option(options.weight_decay >= 0,
               "weight decay " + std::to_string(options.weight_decay) + "; it must be 0 or more");
  if (options.momentum != 0) add_slot("velocity");
}

void Sgd::update(const std::vector<std::size_t>& places) {
  std::vector<SgdParameter> all;
  for (const std::size_t i : places) {
    const nn::Parameter& p = parameter(i);
    all.push_back({p.value, p.grad, options_.momentum != 0 ? slot(0, i) : Tensor{}});
  }
  ops::sgd_step_inplace(all, {.learning_rate = static_cast<float>(learning_rate()),
                              .momentum = static_cast<float>(options_.momentum),
                              .weight_decay = static_cast<float>(options_.weight_decay)});
}

}  // namespace cnn::optim

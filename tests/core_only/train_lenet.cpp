// SPDX-License-Identifier: MIT

// Trains LeNet on made-up images on every rung of the processor and prints what comes out to the last bit; fails unless the
// network has learned.

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "chapters/05_lenet/lenet.hpp"

namespace {

using namespace cnn;

class FirstLoss : public TrainerObserver {
 public:
  void on_step_end(Trainer&, const io::StepRecord& record) override {
    if (record.epoch == 1 && record.step == 1) value = record.loss;
  }
  double value = 0;
};

/// \return whether the loss ends well below that of a guess among ten classes
bool learns(const std::string& label) {
  Rng rng(0);
  nn::Sequential lenet = make_lenet(1, 10, rng);
  optim::Adam adam{lenet.named_parameters(), {.learning_rate = 0.003}};
  Trainer trainer{lenet, adam, rng, {.epochs = 9, .batch_size = 20}};
  FirstLoss first;
  const io::EpochRecord last =
      trainer.fit(data::synthetic(500, 28, 10, 1), data::synthetic(100, 28, 10, 2), {&first}).epochs.back();
  std::printf("%s: loss %a in the first step, %a (%.3f) in the last epoch, test accuracy %.2f\n",
              label.c_str(), first.value, last.loss, last.loss, last.test_accuracy);
  return last.loss < 0.5 * std::log(10.0);
}

}  // namespace

int main() {
  bool all_learn = true;
  for (const std::string& rung : backend_names()) {
    use_backend(rung);
    const auto levels = rung == "simd" ? simd_level_names() : std::vector<std::string>{""};
    for (const std::string& level : levels) {
      if (!level.empty()) use_simd_level(level);
      all_learn = learns(level.empty() ? rung : rung + " " + level) && all_learn;
    }
  }
  return all_learn ? 0 : 1;
}

// SPDX-License-Identifier: MIT
#include "common/train/run.hpp"

#include <fmt/format.h>

#include <utility>

#include "common/backend/backend.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

constexpr Index synthetic_side = 28;  // of Fashion-MNIST, so that resizing has the same work to do
constexpr Index synthetic_train = 512;
constexpr Index synthetic_test = 256;

}  // namespace

Run::Run(TrainingChapter chapter, Options options)
    : chapter_(std::move(chapter)), options_(std::move(options)), rng_(options_.seed) {}

data::FashionMnist Run::load_images() const {
  if (options_.epochs == 0 && options_.load.empty()) return {};
  data::FashionMnist images;
  if (options_.synthetic) {
    images = {.train = data::synthetic(synthetic_train, synthetic_side, 10, 1),
              .test = data::synthetic(synthetic_test, synthetic_side, 10, 2)};
  } else {
    if (options_.epochs > 0) images.train = data::load_fashion_mnist(options_.data, data::Split::train);
    images.test = data::load_fashion_mnist(options_.data, data::Split::test);
  }
  if (options_.limit_train > 0 && options_.epochs > 0)
    images.train = images.train.first(options_.limit_train);
  if (options_.limit_test > 0) images.test = images.test.first(options_.limit_test);
  return images;
}

void Run::prepare(nn::Module& model) const {
  if (!options_.load.empty()) load_weights(options_.load, model);
  model.to(default_device());
}

TrainerOptions Run::trainer_options() const {
  return {.epochs = options_.epochs,
          .batch_size = options_.batch_size,
          .image_size = options_.image_size,
          .max_steps = options_.max_steps,
          .fuse = options_.dump.empty()};  // a dump is to show what each layer returns
}

void Run::describe(const nn::Module& model) {
  cost_ = model.cost({1, 1, options_.image_size, options_.image_size});
  if (folder_ && options_.resume.empty()) write_run_json(folder_->path(), options_, chapter_.chapter, cost_);
}

const std::filesystem::path& Run::folder() {
  if (!folder_) {
    const bool anew = options_.resume.empty();
    folder_.emplace(anew ? RunFolder::create(options_.out, chapter_.chapter.folder, options_.overwrite)
                         : RunFolder::open(options_.out));
    if (anew) write_run_json(folder_->path(), options_, chapter_.chapter, cost_);
  }
  return folder_->path();
}

std::string Run::title() const {
  return fmt::format("{} {}, seed {}", chapter_.chapter.section, chapter_.chapter.name, options_.seed);
}

std::filesystem::path Run::file(const std::string& name) { return folder() / name; }

}  // namespace cnn

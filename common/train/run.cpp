// SPDX-License-Identifier: MIT
#include "common/train/run.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/train/image_folder.hpp"
#include "common/train/option_table.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

namespace fs = std::filesystem;

constexpr Index synthetic_side = 28;  // of Fashion-MNIST, so that resizing has the same work to do
constexpr Index synthetic_train = 512;
constexpr Index synthetic_test = 256;

/// What --data names, or CNN_DATA; empty for Fashion-MNIST in its usual places.
fs::path own_data(const Options& o) {
  const char* const chosen = std::getenv("CNN_DATA");
  return !o.data.empty() || chosen == nullptr ? o.data : fs::path(chosen);
}

bool has_folders(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory(ignored)) return true;
  return false;
}

}  // namespace

Run::Run(TrainingChapter chapter, Options options)
    : chapter_(std::move(chapter)), options_(std::move(options)), rng_(options_.seed) {}

data::ImageSet Run::read_images() const {
  const bool training = options_.epochs > 0;
  const bool measures = !options_.load.empty() && (options_.predict.empty() || !options_.dump.empty());
  const fs::path folder = own_data(options_);
  data::ImageSet set{.class_names = data::class_names()};
  if (options_.synthetic) {
    set.train = data::synthetic(synthetic_train, synthetic_side, 10, 1);
    set.test = data::synthetic(synthetic_test, synthetic_side, 10, 2);
  } else if (!training && !measures && !options_.load.empty() && options_.data.empty()) {
    WeightsInfo info = read_weights_info(options_.load);
    set.channels = info.channels;
    if (!info.classes.empty()) set.class_names = std::move(info.classes);
  } else if (!folder.empty() && !data::has_idx_files(folder) && has_folders(folder)) {
    set = load_image_folder(folder, options_.image_size);
  } else if (!folder.empty()) {
    set = data::load_idx_set(folder, training);
  } else if (training || measures) {
    if (training) set.train = data::load_fashion_mnist({}, data::Split::train);
    set.test = data::load_fashion_mnist({}, data::Split::test);
  }
  return set;
}

data::ImageSet Run::load_images() {
  data::ImageSet images = read_images();
  if (options_.epochs > 0) options_.data = own_data(options_);  // for --resume, where CNN_DATA may be another
  const auto limit = [](data::Dataset& set, Index count) {
    if (count > 0 && set.size() > 0) set = set.first(count);
  };
  limit(images.train, options_.limit_train);
  limit(images.test, options_.limit_test);
  class_names_ = images.class_names;
  channels_ = images.channels;
  return images;
}

void Run::prepare(nn::Module& model) const {
  try {
    (void)model.output_shape(image_shape());
  } catch (const ShapeError& e) {
    throw UsageError(
        fmt::format("--image-size {0} does not fit the network: it was made for {1} x {1} pixels; leave "
                    "--image-size out, or give another",
                    options_.image_size, chapter_.book.image_size));
  }
  const bool in_checkpoint = !options_.resume.empty() && fs::exists(options_.resume / "checkpoint/latest");
  if (!options_.load.empty() && !in_checkpoint) load_weights(options_.load, model, class_names_);
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
  cost_ = model.cost(image_shape());
  if (folder_) write_run_json(folder_->path(), options_, chapter_.chapter, cost_);
}

const fs::path& Run::folder() {
  if (!folder_) {
    const bool anew = options_.resume.empty();
    folder_.emplace(anew ? RunFolder::create(options_.out, chapter_.chapter.folder, options_.overwrite)
                         : RunFolder::open(options_.out));
    write_run_json(folder_->path(), options_, chapter_.chapter, cost_);
  }
  return folder_->path();
}

std::string Run::title() const {
  return fmt::format("{} {}, seed {}", chapter_.chapter.section, chapter_.chapter.name, options_.seed);
}

std::string Run::command() const { return command_text(options_, chapter_); }

fs::path Run::file(const std::string& name) { return folder() / name; }

}  // namespace cnn

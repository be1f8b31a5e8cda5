// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "common/core/random.hpp"
#include "common/data/fashion_mnist.hpp"
#include "common/nn/module.hpp"
#include "common/train/options.hpp"
#include "common/train/run_folder.hpp"

namespace cnn {

/// One run of a training program: its options, its generator, its data and its folder. A chapter asks it for each of these
/// in turn and hands them to the model, the optimizer and the Trainer.
class Run {
 public:
  /// \param chapter  the program
  /// \param options  what it was asked for
  Run(TrainingChapter chapter, Options options);

  /// \return the program
  const Chapter& chapter() const noexcept { return chapter_.chapter; }
  /// \return what the program was asked for
  const Options& options() const noexcept { return options_; }
  /// \return the generator, started with --seed
  Rng& rng() noexcept { return rng_; }

  /// Reads Fashion-MNIST, or makes images up for `--preset smoke`; keeps the first --limit-train and --limit-test. Reads
  /// nothing when the run needs no images (`--epochs 0` without --load).
  /// \return training and test images
  /// \throws DataError  the data set is absent or damaged
  data::FashionMnist load_images() const;

  /// Loads --load into the network, if given.
  /// \param model  the network
  /// \throws DataError  the file cannot be read or is of another network
  void load_weights(nn::Module& model) const;

  /// Notes in run.json what the network costs: its parameters, and the MACs of one image.
  /// \param model  the network
  /// \throws ShapeError  the network does not take images of this size
  /// \throws DataError   run.json cannot be written
  void describe(const nn::Module& model);

  /// \param name  such as "curves.png"
  /// \return      path of a file in the run folder, which is made by the first call
  /// \throws DataError  the folder cannot be made
  std::filesystem::path file(const std::string& name);

  /// \return the run folder, which is made by the first call of this or file()
  /// \throws DataError  the folder cannot be made
  const std::filesystem::path& folder();

  /// \return true if the run folder was made, so that there is something to point to
  bool has_folder() const noexcept { return folder_ != nullptr; }

  /// \return shape of one batch of inputs, [batch_size, 1, image_size, image_size]
  Shape batch_shape() const { return {options_.batch_size, 1, options_.image_size, options_.image_size}; }

 private:
  TrainingChapter chapter_;
  Options options_;
  Rng rng_;
  std::optional<nn::Cost> cost_;
  std::unique_ptr<RunFolder> folder_;
};

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/core/random.hpp"
#include "common/data/fashion_mnist.hpp"
#include "common/nn/module.hpp"
#include "common/train/options.hpp"
#include "common/train/run_folder.hpp"
#include "common/train/trainer.hpp"

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

  /// Reads Fashion-MNIST, or what --data names (see data::load_idx_set() and load_image_folder()), or makes images up for
  /// `--preset smoke`; keeps the first --limit-train and --limit-test. Without --data it reads nothing when the run needs no
  /// images: `--epochs 0` without --load, or with --predict; channels and classes are then those of the loaded weights.
  /// \return training and test images
  /// \throws DataError  the data set is absent or damaged
  data::ImageSet load_images();

  /// \return true if training starts from its first step: not with --resume, nor with `--epochs 0`
  bool starts_training() const { return options_.epochs > 0 && options_.resume.empty(); }

  /// Makes a network ready between the drawing of its weights and its optimizer: loads --load, if given, and moves it to the
  /// device that computes. With --resume the checkpoint has the weights.
  /// \param model  the network
  /// \throws UsageError  the network does not take images of --image-size
  /// \throws DataError  the file cannot be read or is of another network or other classes
  void prepare(nn::Module& model) const;

  /// \return how long to train, and on what batches
  TrainerOptions trainer_options() const;

  /// Trains as the options say, or goes on from the latest checkpoint with --resume, and writes all files of the run, at the
  /// end those of report_run(). With `--epochs 0` it trains nothing; with --load it then prints the test accuracy and
  /// writes the report. With --dump it writes what the layers compute, see LayerDump;
  /// with --watch it prints and writes down what they do, see LayerWatch.
  /// \param trainer  model, optimizer and generator, with trainer_options()
  /// \param images   what to learn from and to measure on
  /// \return         the epochs, and whether it was interrupted: everything is saved then, and --resume goes on
  /// \throws Error  the loss became NaN, a file cannot be written, memory is exhausted
  FitResult fit(Trainer& trainer, const data::ImageSet& images);

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
  bool has_folder() const noexcept { return folder_.has_value(); }

  /// \return names of the classes, once load_images() knows them
  const std::vector<std::string>& class_names() const noexcept { return class_names_; }

  /// \return shape of a batch of one image
  Shape image_shape() const { return {1, channels_, options_.image_size, options_.image_size}; }

  /// \return "5.5 lenet, seed 0", for pictures
  std::string title() const;

  /// \return the command that makes the run again, see command_text()
  std::string command() const;

 private:
  TrainingChapter chapter_;
  Options options_;
  data::ImageSet read_images() const;

  Rng rng_;
  std::vector<std::string> class_names_ = data::class_names();
  Index channels_ = 1;
  std::optional<nn::Cost> cost_;
  std::optional<RunFolder> folder_;
};

}  // namespace cnn

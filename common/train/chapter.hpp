// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "common/core/random.hpp"
#include "common/train/options.hpp"
#include "common/train/run.hpp"
#include "common/train/run_folder.hpp"

namespace cnn {

/// What a program without training works with: a generator, and a folder for its pictures.
class Experiments {
 public:
  /// \param options         what the program was asked for
  /// \param chapter_folder  "01_conv_layer"
  Experiments(const Options& options, const std::string& chapter_folder)
      : options_(options), chapter_folder_(chapter_folder), rng_(options.seed) {}

  /// \return the generator, started with --seed
  Rng& rng() noexcept { return rng_; }

  /// \param name  such as "edges.png"
  /// \return      path of a file in the run folder, which is made by the first call
  /// \throws DataError  the folder cannot be made
  std::filesystem::path file(const std::string& name);

  /// \return folder named by --data, or empty
  const std::filesystem::path& data_folder() const noexcept { return options_.data; }

 private:
  Options options_;
  std::string chapter_folder_;
  Rng rng_;
  std::optional<RunFolder> folder_;
};

/// The main() of 5.1 to 5.4: reads the options, runs the experiments, turns exceptions into one clear message.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the section
/// \param body     its experiments
/// \return         exit code: 0 done, 1 failed, 2 wrong usage
int run_experiments(int argc, char** argv, const Chapter& chapter,
                    const std::function<void(Experiments&)>& body);

/// The main() of 5.5 to 5.12: reads the options, makes the run, calls the body, turns exceptions into one clear message.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the section with its presets
/// \param body     data, model, optimizer, training: each one visible statement
/// \return         exit code: 0 done, 1 failed, 2 wrong usage, 128 + signal when interrupted
int run_chapter(int argc, char** argv, const TrainingChapter& chapter, const std::function<void(Run&)>& body);

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/core/random.hpp"

namespace cnn {

/// A section of the book, as its program names itself.
struct Chapter {
  std::string section;  ///< "5.1"
  std::string name;     ///< target and program, "conv_layer"
  std::string folder;   ///< below chapters/, "01_conv_layer"
  std::string title;    ///< "Two-dimensional convolutional layer"
};

/// What a program without training (5.1 to 5.4) was asked for.
struct ExperimentOptions {
  std::string backend;             ///< rung of the ladder; empty for the best one present
  std::string simd;                ///< instruction set of the rung simd; empty for the best one
  int threads = 0;                 ///< CPU threads; 0 for as many as there are processors
  std::uint64_t seed = 0;          ///< as torch.manual_seed(seed)
  std::filesystem::path data;      ///< folder with the four IDX files; empty for the usual places
  std::filesystem::path out;       ///< run folder; empty for the next free one
  bool overwrite = false;          ///< `out` may hold a former run
  std::optional<int> exit_code{};  ///< set when there is nothing to run: after --help and --version
};

class RunFolder;

/// What a program without training works with: a generator, and a folder for its pictures.
class Experiments {
 public:
  /// \param options         what the program was asked for
  /// \param chapter_folder  "01_conv_layer"
  Experiments(ExperimentOptions options, std::string chapter_folder);
  ~Experiments();
  Experiments(const Experiments&) = delete;
  Experiments& operator=(const Experiments&) = delete;

  /// \return the generator, started with --seed
  Rng& rng() noexcept { return rng_; }

  /// \param name  such as "edges.png"
  /// \return      path of a file in the run folder, which is made by the first call
  /// \throws DataError  the folder cannot be made
  std::filesystem::path file(const std::string& name);

  /// \return folder named by --data, or empty
  const std::filesystem::path& data_folder() const noexcept { return options_.data; }

 private:
  ExperimentOptions options_;
  std::string chapter_folder_;
  Rng rng_;
  std::unique_ptr<RunFolder> folder_;
};

/// The main() of 5.1 to 5.4: reads the options, runs the experiments, turns exceptions into one clear message.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the section
/// \param run      its experiments
/// \return         exit code: 0 done, 1 failed, 2 wrong usage
int run_experiments(int argc, char** argv, const Chapter& chapter,
                    const std::function<void(Experiments&)>& run);

}  // namespace cnn

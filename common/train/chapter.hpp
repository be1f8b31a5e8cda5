// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
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

/// What a program without training (5.1 to 5.4) works with.
class Experiments {
 public:
  /// \param seed         starts the generator
  /// \param run_folder   where files go; made when the first is written
  /// \param data_folder  folder with Fashion-MNIST, empty for the usual places
  Experiments(std::uint64_t seed, std::filesystem::path run_folder, std::filesystem::path data_folder);

  /// \return the generator, started with --seed
  Rng& rng() noexcept { return rng_; }

  /// \param name  such as "edges.png"
  /// \return      path of a file in the run folder, which exists from the first call on
  /// \throws DataError  the folder cannot be made
  std::filesystem::path file(const std::string& name);

  /// \return folder named by --data, or empty
  const std::filesystem::path& data_folder() const noexcept { return data_folder_; }

 private:
  Rng rng_;
  std::filesystem::path run_folder_;
  std::filesystem::path data_folder_;
};

/// The main() of 5.1 to 5.4: reads the options, runs the experiments, turns exceptions into one clear message.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the section
/// \param run      its experiments
/// \return         exit code: 0 done, 1 failed, 2 wrong usage
int run_experiments(int argc, char** argv, const Chapter& chapter, const std::function<void(Experiments&)>& run);

}  // namespace cnn

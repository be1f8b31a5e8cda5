// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/core/shape.hpp"

namespace cnn {

/// A section of the book, as its program names itself.
struct Chapter {
  std::string section;  ///< "5.1"
  std::string name;     ///< target and program, "conv_layer"
  std::string folder;   ///< below chapters/, "01_conv_layer"
  std::string title;    ///< "Two-dimensional convolutional layer"
};

/// Settings of a training run that a preset fixes and options override.
struct Preset {
  Index epochs = 5;              ///< passes over the training images
  Index batch_size = 256;        ///< images a step
  double learning_rate = 0.001;  ///< step size of the optimizer
  Index image_size = 28;         ///< side the images are resized to, in pixels
  Index limit_train = 0;         ///< only the first so many training images; 0 for all
  Index limit_test = 0;          ///< only the first so many test images; 0 for all
  bool synthetic = false;        ///< made-up images instead of Fashion-MNIST, and stable output lines only
};

/// An option that only one program has.
struct ExtraOption {
  std::string name;   ///< without the dashes, "ratio"
  std::string help;   ///< one line for --help
  std::string value;  ///< what it is when not given
  std::vector<std::string>
      choices{};      ///< the words it may be; with none it is a whole number from least to largest
  Index least = 1;    ///< smallest number
  Index largest = 1;  ///< largest number
};

/// A section that trains a network.
struct TrainingChapter {
  Chapter chapter;                      ///< how the program names itself
  Preset smoke{};                       ///< seconds, made-up images
  Preset quick{};                       ///< minutes on two cores
  Preset book{};                        ///< everything as in the book
  std::string default_preset = "book";  ///< without --preset
  std::vector<ExtraOption> extra{};     ///< what only this program can be asked
};

/// Everything a program was asked for; one without training has only a few of these options.
struct Options : Preset {
  std::string preset;          ///< "smoke", "quick" or "book"
  std::string backend;         ///< rung of the ladder; empty for the best one present
  std::string simd;            ///< instruction set of the rung simd; empty for the best one
  std::string cuda_kernel;     ///< kernel of the rung cuda; empty for the one that its rule picks
  int threads = 0;             ///< CPU threads; 0 for as many as there are processors
  std::uint64_t seed = 0;      ///< as torch.manual_seed(seed)
  Index max_steps = 0;         ///< stop after so many optimizer steps; 0 for no limit
  Index watch = 0;             ///< measure the layers in every so many steps; 0 for never
  std::filesystem::path data;  ///< folder of an IDX set or of class folders; empty for the usual places
  std::filesystem::path out;   ///< run folder; empty for the next free one
  std::filesystem::path save;  ///< where to save the weights, or empty
  std::filesystem::path load;  ///< weights to start from, or empty
  std::filesystem::path export_onnx;  ///< where to write the network as ONNX, or empty
  std::filesystem::path dump;         ///< where to write what the layers compute, or empty
  std::filesystem::path predict;      ///< PNG or JPEG to classify, or empty
  std::filesystem::path resume;       ///< run to go on with, which `out` names too, or empty
  bool fold_batch_norm = false;       ///< without its batch normalizations where that can be
  bool overwrite = false;             ///< `out` may hold a former run

  std::map<std::string, std::string> extra{};  ///< the chapter's own options, by name

  /// \param name  of an ExtraOption with choices
  /// \return      the word chosen
  /// \throws UsageError  the program has no such option
  const std::string& word(const std::string& name) const;

  /// \param name  of an ExtraOption without choices
  /// \return      the number given
  /// \throws UsageError  the program has no such option
  Index number(const std::string& name) const;
};

/// \param chapter  a program that trains
/// \param preset   "smoke", "quick" or "book"
/// \return         all its options as the preset and the chapter have them
Options preset_options(const TrainingChapter& chapter, const std::string& preset);

/// What reading the command line came to.
struct ParsedOptions {
  Options options;               ///< valid unless exit_code is set
  std::optional<int> exit_code;  ///< set when there is nothing to run: after --help and --version
};

/// Reads the command line of a training program. `--resume DIR` takes the options from DIR's run.json.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the program, with its presets
/// \return         options, or an exit code
/// \throws UsageError  an option is unknown, malformed, out of range or at odds with another
/// \throws DataError   the run to resume cannot be read
ParsedOptions parse_options(int argc, char** argv, const TrainingChapter& chapter);

/// Reads the command line of a program without training.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the program
/// \return         options, or an exit code
/// \throws UsageError  an option is unknown, malformed or out of range
ParsedOptions parse_experiment_options(int argc, char** argv, const Chapter& chapter);

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "common/io/run_info.hpp"
#include "common/train/options.hpp"

namespace cnn {

/// One option of the programs. Help, the check of its value, run.json and --resume are made from its row.
struct OptionRow {
  /// Where its value is; nowhere by name for a chapter's own option, which is in Options::extra.
  using Member = std::variant<std::monostate, bool Options::*, int Options::*, Index Options::*,
                              std::uint64_t Options::*, double Options::*, std::string Options::*,
                              std::filesystem::path Options::*>;

  std::string name;                  ///< without the dashes, "batch-size"
  std::string type;                  ///< of its value, for --help: "N"; empty for a flag
  std::string help;                  ///< one line for --help
  Member member;                     ///< where its value is
  std::vector<std::string> words{};  ///< the words it may be
  std::uint64_t least = 0;           ///< smallest number, if it is a whole one
  std::uint64_t largest = 0;         ///< largest number, if it is a whole one
  bool everywhere = false;           ///< whether programs without training have it, too
  bool noted = true;                 ///< whether run.json holds it
  bool resumable =
      false;  ///< whether it may be given anew with --resume, since no number so far depends on it
};

/// \return the options that all programs have that train, in the order of --help
const std::vector<OptionRow>& option_table();

/// \param chapter  a program that trains
/// \return         option_table(), then the program's own options
std::vector<OptionRow> options_of(const TrainingChapter& chapter);

/// \param row  an option
/// \return     its key in run.json: "batch_size", or for a chapter's own option "--ratio"
std::string json_key(const OptionRow& row);

/// \param row   an option
/// \param text  a value given for it
/// \return      what is wrong with the value; empty if nothing is
std::string wrong_with(const OptionRow& row, const std::string& text);

/// Sets an option.
/// \param options  what to change
/// \param row      the option
/// \param text     a value with which nothing is wrong
void set_option(Options& options, const OptionRow& row, const std::string& text);

/// Writes the command that makes a run with the same options again: those that differ from its preset.
/// \param options  of the run
/// \param chapter  the program
/// \return         such as "./cnn run 5.5 --seed 3", for a shell; paths are absolute
std::string command_text(const Options& options, const TrainingChapter& chapter);

/// \param options  all options
/// \param row      one of them
/// \return         its value
io::RunValue option_value(const Options& options, const OptionRow& row);

}  // namespace cnn

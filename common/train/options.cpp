// SPDX-License-Identifier: MIT
#include "common/train/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <memory>

#include "common/core/check.hpp"
#include "common/train/config_file.hpp"
#include "common/train/option_table.hpp"
#include "common/train/run_folder.hpp"
#include "common/train/version.hpp"

namespace cnn {
namespace {

/// What a program was started with. A value is a text until everything around it is known.
class CommandLine {
 public:
  /// Describes a program that has the given options.
  CommandLine(const Chapter& chapter, const std::vector<OptionRow>& rows)
      : app_(fmt::format("Section {}: {}", chapter.section, chapter.title), chapter.name) {
    app_.option_defaults()->take_last();
    for (const OptionRow& row : rows) add(row);
    app_.config_formatter(std::make_shared<ConfigFile>());
    app_.allow_config_extras(CLI::config_extras_mode::error);  // a misspelt name is not passed over
    app_.set_config("--config", "", "read options from a file, one 'name = value' a line")->type_name("FILE");
    app_.set_version_flag("--version", version_text,
                          "version, compiler, libraries and what they chose on this machine");
    app_.set_help_flag("--help,-h", "this list");
    app_.get_formatter()->column_width(30);
  }

  /// Returns an exit code after --help and --version, throws UsageError for everything that is wrong.
  std::optional<int> parse(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
      const CLI::Option* const config = app_.get_config_ptr();
      CNN_CHECK(config->count() == 0 || !config->results().back().empty(), UsageError,
                "--config: the name is empty; give one, or leave out --config");
      return std::nullopt;
    } catch (const CLI::Success& e) {
      return app_.exit(e);
    } catch (const CLI::FileError& e) {
      throw UsageError(std::string("[config] ") + e.what());
    } catch (const CLI::ParseError& e) {
      throw UsageError(e.what());
    }
  }

  /// Sets the options that were given.
  void apply(Options& options) const {
    for (const Entry& entry : entries_) {
      if (entry.option->count() > 0) set_option(options, entry.row, entry.flag ? "true" : entry.text);
    }
  }

  /// Refuses what would change the numbers of a run that is resumed.
  void check_resumable() const {
    std::string allowed;
    for (const Entry& entry : entries_) {
      if (entry.row.resumable && entry.row.name != "resume") allowed += ", --" + entry.row.name;
    }
    for (const CLI::Option* option : app_.get_options()) {
      const auto entry =
          std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.option == option; });
      CNN_CHECK(
          option->count() == 0 || (entry != entries_.end() && entry->row.resumable), UsageError,
          fmt::format("--resume takes its options from the run; leave out {} (only {} may be given anew)",
                      option->get_name(), allowed.substr(2)));
    }
  }

 private:
  struct Entry {
    OptionRow row;
    CLI::Option* option = nullptr;
    std::string text{};
    bool flag = false;
  };

  void add(const OptionRow& row) {
    Entry& entry = entries_.emplace_back(Entry{row});
    if (row.type.empty()) {
      entry.option = app_.add_flag("--" + row.name, entry.flag, row.help);
      return;
    }
    const auto check = [row](const std::string& text) { return wrong_with(row, text); };
    entry.option = app_.add_option("--" + row.name, entry.text, row.help)
                       ->check(CLI::Validator(check, "", ""))
                       ->type_name(row.type);
  }

  CLI::App app_;
  std::deque<Entry> entries_;  // CLI11 holds on to their addresses
};

/// An instruction set or a kernel asked for where another rung computes would be passed over.
void check_rung(const Options& o) {
  CNN_CHECK(o.simd.empty() || o.backend.empty() || o.backend == "simd", UsageError,
            "--simd is for the rung simd, not for --backend " + o.backend + "; leave one of them out");
  CNN_CHECK(o.cuda_kernel.empty() || o.backend.empty() || o.backend == "cuda", UsageError,
            "--cuda-kernel is for the rung cuda, not for --backend " + o.backend + "; leave one of them out");
}

void check_training_options(const Options& o) {
  CNN_CHECK(o.resume.empty() || o.epochs > 0, UsageError,
            "--resume goes on with the training, which --epochs 0 leaves out; give --epochs 1 or more");
  CNN_CHECK(!o.fold_batch_norm || !o.export_onnx.empty(), UsageError,
            "--fold-batch-norm is about what --export-onnx FILE writes; give that, too");
  CNN_CHECK(o.predict.empty() || !o.load.empty() || !o.resume.empty(), UsageError,
            "--predict needs trained weights; name them with --load FILE");
  const bool has_step = o.epochs > 0 ? o.max_steps > 0 : !o.load.empty();
  CNN_CHECK(
      o.dump.empty() || has_step, UsageError,
      "--dump writes what the layers compute in one pass; say which: --max-steps N for training step N, "
      "or --epochs 0 --load FILE for the first test images");
}

}  // namespace

const std::string& Options::word(const std::string& name) const {
  const auto found = extra.find(name);
  CNN_CHECK(found != extra.end(), UsageError, "this program has no option --" + name);
  return found->second;
}

Index Options::number(const std::string& name) const { return static_cast<Index>(std::stoll(word(name))); }

Options preset_options(const TrainingChapter& chapter, const std::string& preset) {
  Options o;
  o.preset = preset;
  static_cast<Preset&>(o) = preset == "smoke"   ? chapter.smoke
                            : preset == "quick" ? chapter.quick
                                                : chapter.book;
  for (const ExtraOption& extra : chapter.extra) o.extra[extra.name] = extra.value;
  return o;
}

ParsedOptions parse_options(int argc, char** argv, const TrainingChapter& chapter) {
  CommandLine line(chapter.chapter, options_of(chapter));
  ParsedOptions parsed;
  parsed.exit_code = line.parse(argc, argv);
  if (parsed.exit_code) return parsed;
  Options given;
  line.apply(given);
  Options& o = parsed.options;
  if (given.resume.empty()) {
    o = preset_options(chapter, given.preset.empty() ? chapter.default_preset : given.preset);
  } else {
    line.check_resumable();
    o = read_run_options(given.resume, chapter);
    o.out = given.resume;
  }
  line.apply(o);
  check_rung(o);
  check_training_options(o);
  return parsed;
}

ParsedOptions parse_experiment_options(int argc, char** argv, const Chapter& chapter) {
  std::vector<OptionRow> rows = option_table();
  std::erase_if(rows, [](const OptionRow& row) { return !row.everywhere; });
  CommandLine line(chapter, rows);
  ParsedOptions parsed;
  parsed.exit_code = line.parse(argc, argv);
  if (!parsed.exit_code) line.apply(parsed.options);
  check_rung(parsed.options);
  return parsed;
}

}  // namespace cnn

// SPDX-License-Identifier: MIT
#include "common/train/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/train/config_file.hpp"
#include "common/train/run_folder.hpp"
#include "common/train/version.hpp"

namespace cnn {
namespace {

constexpr std::uint64_t most = 1'000'000'000;  // no count a user can mean is larger

/// What was given on the command line; what was not stays empty and comes from the preset.
struct Given {
  std::optional<std::string> preset;
  std::optional<Index> epochs, batch_size, image_size, limit_train, limit_test;
  std::optional<double> learning_rate;
  std::string resume;
};

/// A whole number from `least` to `largest`, in decimal digits; CLI11 by itself would take -1 for a huge seed.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t largest) {
  const auto check = [least, largest](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size() && value >= least && value <= largest)
      return {};
    return fmt::format("'{}' is not a whole number from {} to {}", text, least, largest);
  };
  return {check, "", ""};
}

std::string check_learning_rate(const std::string& text) {
  double value = 0;
  if (!CLI::detail::lexical_cast(text, value) || !std::isfinite(value) || value <= 0 || value > 1000) {
    return "'" + text + "' is no step size; give a number above 0 and at most 1000";
  }
  return {};
}

std::string check_preset(const std::string& text) {
  if (text == "smoke" || text == "quick" || text == "book") return {};
  return "there is no preset '" + text + "'; give smoke, quick or book";
}

std::string check_backend(const std::string& text) {
  if (text == "reference" || text == "xtensor" || text == "simd" || text == "cuda") return {};
  return "there is no rung '" + text + "'; give reference, xtensor or simd";
}

std::string check_simd(const std::string& text) {
  if (text == "portable" || text == "avx2" || text == "avx512") return {};
  return "there is no instruction set '" + text + "'; give portable, avx2 or avx512";
}

/// An instruction set asked for where another rung computes would be passed over.
void check_simd_rung(const std::string& backend, const std::string& simd) {
  CNN_CHECK(simd.empty() || backend.empty() || backend == "simd", UsageError,
            "--simd is for the rung simd, not for --backend " + backend + "; leave one of them out");
}

/// Options that every program has.
template <typename O>
void add_common_options(CLI::App& app, O& o) {
  app.option_defaults()->take_last();
  app.add_option("--backend", o.backend,
                 "rung of the ladder: reference, xtensor or simd [the best one present]")
      ->check(CLI::Validator(check_backend, "", ""))
      ->type_name("NAME");
  app.add_option("--simd", o.simd,
                 "instruction set of the rung simd: portable, avx2 or avx512 [the best of this CPU]")
      ->check(CLI::Validator(check_simd, "", ""))
      ->type_name("NAME");
  app.add_option("--threads", o.threads, "CPU threads; results do not depend on it [all processors]")
      ->check(whole_number(1, 1024))
      ->type_name("N");
  app.add_option("--seed", o.seed, "start of the random numbers, as torch.manual_seed(N) [0]")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->type_name("N");
  app.add_option("--data", o.data, "folder with the four Fashion-MNIST files, gzipped or not")
      ->type_name("DIR");
  app.add_option("--out", o.out, "folder the run writes to [runs/<chapter>/<next free number>]")
      ->type_name("DIR");
  app.add_flag("--overwrite", o.overwrite, "let --out replace a former run");
  app.config_formatter(std::make_shared<ConfigFile>());
  app.allow_config_extras(CLI::config_extras_mode::error);  // a misspelt name is not passed over
  app.set_config("--config", "", "read options from a file, one 'name = value' a line")->type_name("FILE");
  app.set_version_flag("--version", version_text,
                       "version, compiler, libraries and what they chose on this machine");
  app.set_help_flag("--help,-h", "this list");
  app.get_formatter()->column_width(30);
}

void add_training_options(CLI::App& app, Options& o, Given& given) {
  const auto count = whole_number(1, most);
  app.add_option("--preset", given.preset,
                 "smoke: seconds, made-up images; quick: minutes; book: as in the book")
      ->check(CLI::Validator(check_preset, "", ""))
      ->type_name("NAME");
  app.add_option("--epochs", given.epochs, "passes over the training images; 0 trains nothing")
      ->check(whole_number(0, most))
      ->type_name("N");
  app.add_option("--batch-size", given.batch_size, "images a step")->check(count)->type_name("N");
  app.add_option("--lr", given.learning_rate, "step size of the optimizer")
      ->check(CLI::Validator(check_learning_rate, "", ""))
      ->type_name("X");
  app.add_option("--image-size", given.image_size, "side the images are resized to, in pixels")
      ->check(whole_number(1, 4096))
      ->type_name("N");
  app.add_option("--limit-train", given.limit_train, "only the first N training images")
      ->check(count)
      ->type_name("N");
  app.add_option("--limit-test", given.limit_test, "only the first N test images")
      ->check(count)
      ->type_name("N");
  app.add_option("--max-steps", o.max_steps, "stop after N optimizer steps, then evaluate")
      ->check(count)
      ->type_name("N");
  app.add_option("--save", o.save, "save the weights as safetensors")->type_name("FILE");
  app.add_option("--load", o.load, "start from these weights (safetensors)")->type_name("FILE");
  app.add_option("--dump", o.dump,
                 "what each layer computes: in step N of --max-steps N, or with --epochs 0 --load")
      ->type_name("FILE");
  app.add_option("--predict", o.predict, "with --load: classify a PNG or JPEG of any size")
      ->type_name("IMAGE");
  app.add_option("--resume", given.resume, "go on with the interrupted run in DIR, with its options")
      ->type_name("DIR");
}

/// What is wrong with the value of a chapter's own option; empty if nothing is.
std::string check_extra(const ExtraOption& extra, const std::string& text) {
  if (extra.choices.empty()) {
    return whole_number(static_cast<std::uint64_t>(extra.least),
                        static_cast<std::uint64_t>(extra.largest))(text);
  }
  if (std::find(extra.choices.begin(), extra.choices.end(), text) != extra.choices.end()) return {};
  return fmt::format("'{}' is not among the choices; give {}", text, fmt::join(extra.choices, " or "));
}

void add_extra_options(CLI::App& app, Options& o, const TrainingChapter& chapter) {
  for (const ExtraOption& extra : chapter.extra) {
    std::string& value = o.extra[extra.name] = extra.value;
    const std::string choices = fmt::format("{}", fmt::join(extra.choices, "|"));
    app.add_option("--" + extra.name, value, fmt::format("{} [{}]", extra.help, extra.value))
        ->check(CLI::Validator([extra](const std::string& text) { return check_extra(extra, text); }, "", ""))
        ->type_name(extra.choices.empty() ? "N" : choices);
  }
}

/// Refuses a run.json without the chapter's own options.
void check_resumed_extra(const Options& o, const std::string& folder, const TrainingChapter& chapter) {
  for (const ExtraOption& extra : chapter.extra) {
    const auto found = o.extra.find(extra.name);
    const std::string wrong = found == o.extra.end() ? "it is missing" : check_extra(extra, found->second);
    CNN_CHECK(wrong.empty(), DataError,
              fmt::format("[resume] {}/run.json is damaged: --{}: {}; start the run anew with --overwrite",
                          folder, extra.name, wrong));
  }
}

/// Parses; returns an exit code after --help and --version, throws UsageError for everything that is wrong.
std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::FileError& e) {
    throw UsageError(std::string("[config] ") + e.what());
  } catch (const CLI::ParseError& e) {
    throw UsageError(e.what());
  }
}

void apply_preset(Options& o, const Given& given, const TrainingChapter& chapter) {
  o.preset = given.preset.value_or(chapter.default_preset);
  static_cast<Preset&>(o) = o.preset == "smoke"   ? chapter.smoke
                            : o.preset == "quick" ? chapter.quick
                                                  : chapter.book;
  o.epochs = given.epochs.value_or(o.epochs);
  o.batch_size = given.batch_size.value_or(o.batch_size);
  o.learning_rate = given.learning_rate.value_or(o.learning_rate);
  o.image_size = given.image_size.value_or(o.image_size);
  o.limit_train = given.limit_train.value_or(o.limit_train);
  o.limit_test = given.limit_test.value_or(o.limit_test);
}

void check_dump(const Options& o) {
  const bool has_step = o.epochs > 0 ? o.max_steps > 0 : !o.load.empty();
  CNN_CHECK(
      o.dump.empty() || has_step, UsageError,
      "--dump writes what the layers compute in one pass; say which: --max-steps N for training step N, "
      "or --epochs 0 --load FILE for the first test images");
}

/// The options of a former run, of which only those that cannot change its numbers may be given anew.
Options resumed_options(const CLI::App& app, const Options& given, const std::string& folder,
                        const TrainingChapter& chapter) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool allowed = name == "--resume" || name == "--threads" || name == "--data" || name == "--save";
    CNN_CHECK(allowed || option->count() == 0, UsageError,
              "--resume takes its options from the run; leave out " + name +
                  " (only --threads, --data and --save may be given anew)");
  }
  Options o = read_run_options(folder, chapter.chapter);
  check_resumed_extra(o, folder, chapter);
  if (app.count("--threads") > 0) o.threads = given.threads;
  if (app.count("--data") > 0) o.data = given.data;
  if (app.count("--save") > 0) o.save = given.save;
  o.out = folder;
  o.resume = true;
  return o;
}

std::string description(const Chapter& chapter) {
  return fmt::format("Section {}: {}", chapter.section, chapter.title);
}

}  // namespace

const std::string& Options::word(const std::string& name) const {
  const auto found = extra.find(name);
  CNN_CHECK(found != extra.end(), UsageError, "this program has no option --" + name);
  return found->second;
}

Index Options::number(const std::string& name) const { return static_cast<Index>(std::stoll(word(name))); }

ParsedOptions parse_options(int argc, char** argv, const TrainingChapter& chapter) {
  ParsedOptions parsed;
  Given given;
  CLI::App app(description(chapter.chapter), chapter.chapter.name);
  add_common_options(app, parsed.options);
  add_training_options(app, parsed.options, given);
  add_extra_options(app, parsed.options, chapter);
  parsed.exit_code = parse(app, argc, argv);
  if (parsed.exit_code) return parsed;
  if (app.count("--resume") > 0) {
    parsed.options = resumed_options(app, parsed.options, given.resume, chapter);
    return parsed;
  }
  check_simd_rung(parsed.options.backend, parsed.options.simd);
  apply_preset(parsed.options, given, chapter);
  CNN_CHECK(parsed.options.predict.empty() || !parsed.options.load.empty(), UsageError,
            "--predict needs trained weights; name them with --load FILE");
  check_dump(parsed.options);
  return parsed;
}

ExperimentOptions parse_experiment_options(int argc, char** argv, const Chapter& chapter) {
  ExperimentOptions options;
  CLI::App app(description(chapter), chapter.name);
  add_common_options(app, options);
  options.exit_code = parse(app, argc, argv);
  check_simd_rung(options.backend, options.simd);
  return options;
}

}  // namespace cnn

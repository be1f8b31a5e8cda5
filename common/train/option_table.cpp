// SPDX-License-Identifier: MIT
#include "common/train/option_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>

namespace cnn {
namespace {

constexpr std::uint64_t most = 1'000'000'000;  // no count a user can mean is larger
constexpr double largest_rate = 1000;

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t k = 0; k < words.size(); ++k)
    text += (k == 0 ? "" : k + 1 == words.size() ? " or " : ", ") + words[k];
  return text;
}

/// In decimal digits only: no sign, no fraction, nothing behind it.
bool is_whole_number(const std::string& text, std::uint64_t least, std::uint64_t largest) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= least && value <= largest;
}

bool is_learning_rate(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' && std::isfinite(value) && value > 0 && value <= largest_rate;
}

/// As a shell reads it back.
std::string quoted(const std::string& text) {
  if (text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./=,:+-") ==
      std::string::npos)
    return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

}  // namespace

// clang-format off
const std::vector<OptionRow>& option_table() {
  using O = Options;
  static const std::vector<OptionRow> table{
      {.name = "preset", .type = "NAME", .help = "smoke: seconds, made-up images; quick: minutes; book: as in the book",
       .member = &O::preset, .words = {"smoke", "quick", "book"}},
      {.name = "backend", .type = "NAME", .help = "rung of the ladder: reference, xtensor, simd or cuda [the best one present]",
       .member = &O::backend, .words = {"reference", "xtensor", "simd", "cuda"}, .everywhere = true},
      {.name = "simd", .type = "NAME", .help = "instruction set of the rung simd: portable, avx2 or avx512 [the best of this CPU]",
       .member = &O::simd, .words = {"portable", "avx2", "avx512"}, .everywhere = true},
      {.name = "cuda-kernel", .type = "NAME", .help = "kernel of convolutions and linear layers on the rung cuda [auto]",
       .member = &O::cuda_kernel, .words = {"auto", "naive", "tiled", "registers", "vectors", "async", "cublas", "winograd", "tf32"}, .everywhere = true},
      {.name = "threads", .type = "N", .help = "CPU threads; results do not depend on it [all processors]",
       .member = &O::threads, .least = 1, .largest = 1024, .everywhere = true, .resumable = true},
      {.name = "seed", .type = "N", .help = "start of the random numbers, as torch.manual_seed(N) [0]",
       .member = &O::seed, .least = 0, .largest = std::numeric_limits<std::uint64_t>::max(), .everywhere = true},
      {.name = "epochs", .type = "N", .help = "passes over the training images; 0 trains nothing",
       .member = &O::epochs, .least = 0, .largest = most, .resumable = true},
      {.name = "batch-size", .type = "N", .help = "images a step",
       .member = &O::batch_size, .least = 1, .largest = most},
      {.name = "lr", .type = "X", .help = "step size of the optimizer",
       .member = &O::learning_rate},
      {.name = "image-size", .type = "N", .help = "side the images are resized to, in pixels",
       .member = &O::image_size, .least = 1, .largest = 4096},
      {.name = "limit-train", .type = "N", .help = "only the first N training images",
       .member = &O::limit_train, .least = 1, .largest = most},
      {.name = "limit-test", .type = "N", .help = "only the first N test images",
       .member = &O::limit_test, .least = 1, .largest = most},
      {.name = "max-steps", .type = "N", .help = "stop after N optimizer steps, then evaluate",
       .member = &O::max_steps, .least = 1, .largest = most},
      {.name = "data", .type = "DIR", .help = "folder of Fashion-MNIST or another IDX set, or of class folders with PNG and JPEG",
       .member = &O::data, .everywhere = true, .resumable = true},
      {.name = "out", .type = "DIR", .help = "folder the run writes to [runs/<chapter>/<next free number>]",
       .member = &O::out, .everywhere = true, .noted = false},
      {.name = "overwrite", .type = "", .help = "let --out replace a former run",
       .member = &O::overwrite, .everywhere = true, .noted = false},
      {.name = "save", .type = "FILE", .help = "save the weights as safetensors",
       .member = &O::save, .resumable = true},
      {.name = "export-onnx", .type = "FILE", .help = "write the network as ONNX, which other programs run",
       .member = &O::export_onnx, .resumable = true},
      {.name = "fold-batch-norm", .type = "", .help = "with --export-onnx: without batch normalizations behind a convolution",
       .member = &O::fold_batch_norm, .resumable = true},
      {.name = "load", .type = "FILE", .help = "start from these weights (safetensors)",
       .member = &O::load},
      {.name = "predict", .type = "IMAGE", .help = "with --load: classify a PNG or JPEG of any size",
       .member = &O::predict, .resumable = true},
      {.name = "dump", .type = "FILE", .help = "what each layer computes: in step N of --max-steps N, or with --epochs 0 --load",
       .member = &O::dump},
      {.name = "watch", .type = "N", .help = "print in step 1 and every N-th one what each layer does: spread, gradient",
       .member = &O::watch, .least = 1, .largest = most},
      {.name = "resume", .type = "DIR", .help = "go on with the interrupted run in DIR, with its options",
       .member = &O::resume, .noted = false, .resumable = true}};
  return table;
}
// clang-format on

std::vector<OptionRow> options_of(const TrainingChapter& chapter) {
  std::vector<OptionRow> rows = option_table();
  for (const ExtraOption& extra : chapter.extra) {
    rows.push_back({.name = extra.name,
                    .type = extra.choices.empty() ? "N" : fmt::format("{}", fmt::join(extra.choices, "|")),
                    .help = fmt::format("{} [{}]", extra.help, extra.value),
                    .member = {},
                    .words = extra.choices,
                    .least = static_cast<std::uint64_t>(extra.least),
                    .largest = static_cast<std::uint64_t>(extra.largest)});
  }
  return rows;
}

std::string json_key(const OptionRow& row) {
  if (std::holds_alternative<std::monostate>(row.member)) return "--" + row.name;
  std::string key = row.name;
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string wrong_with(const OptionRow& row, const std::string& text) {
  if (std::holds_alternative<std::filesystem::path Options::*>(row.member) && text.empty())
    return fmt::format("the name is empty; give one, or leave out --{}", row.name);
  if (!row.words.empty()) {
    const bool known = std::find(row.words.begin(), row.words.end(), text) != row.words.end();
    return known ? "" : fmt::format("'{}' is not among the choices; give {}", text, join(row.words));
  }
  if (std::holds_alternative<double Options::*>(row.member) && !is_learning_rate(text))
    return fmt::format("'{}' is no step size; give a number above 0 and at most {}", text, largest_rate);
  if (row.largest > 0 && !is_whole_number(text, row.least, row.largest))
    return fmt::format("'{}' is not a whole number from {} to {}", text, row.least, row.largest);
  return {};
}

void set_option(Options& options, const OptionRow& row, const std::string& text) {
  const auto set = [&](auto member) {
    if constexpr (std::is_same_v<decltype(member), std::monostate>) {
      options.extra[row.name] = text;
    } else {
      auto& value = options.*member;
      using T = std::remove_reference_t<decltype(value)>;
      if constexpr (std::is_same_v<T, bool>) {
        value = text == "true";
      } else if constexpr (std::is_same_v<T, double>) {
        value = std::strtod(text.c_str(), nullptr);
      } else if constexpr (std::is_integral_v<T>) {
        value = static_cast<T>(std::stoull(text));
      } else {
        value = text;
      }
    }
  };
  std::visit(set, row.member);
}

std::string command_text(const Options& options, const TrainingChapter& chapter) {
  Options usual = preset_options(chapter, options.preset);
  usual.preset = chapter.default_preset;
  std::string command = "./cnn run " + chapter.chapter.section;
  for (const OptionRow& row : options_of(chapter)) {
    const std::string value = io::to_text(option_value(options, row));
    if (!row.noted || value.empty() || value == io::to_text(option_value(usual, row))) continue;
    command += " --" + row.name + (row.type.empty() ? "" : " " + quoted(value));
  }
  return command;
}

io::RunValue option_value(const Options& options, const OptionRow& row) {
  const auto get = [&](auto member) -> io::RunValue {
    if constexpr (std::is_same_v<decltype(member), std::monostate>) {
      const auto found = options.extra.find(row.name);
      return found == options.extra.end() ? "" : found->second;
    } else {
      const auto& value = options.*member;
      using T = std::remove_cvref_t<decltype(value)>;
      if constexpr (std::is_same_v<T, int> || std::is_same_v<T, Index>) {
        return std::int64_t{value};
      } else if constexpr (std::is_same_v<T,
                                          std::filesystem::path>) {  // --resume may come from another folder
        return value.empty() ? "" : std::filesystem::absolute(value).lexically_normal().string();
      } else {
        return value;
      }
    }
  };
  return std::visit(get, row.member);
}

}  // namespace cnn

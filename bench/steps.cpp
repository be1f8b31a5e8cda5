// SPDX-License-Identifier: MIT

// ./cnn bench steps: one convolution from the plain loops to the last trick, each step checked and measured; what packing and
// blocking give a product of matrices; how much Winograd's tiles round. The page "Making it fast" shows these tables.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <map>

#include "bench/layers.hpp"
#include "bench/limit.hpp"
#include "bench/program.hpp"
#include "bench/step.hpp"
#include "common/backend/backend.hpp"
#include "common/backend/reference/rounding.hpp"
#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/core/table.hpp"
#include "common/core/threads.hpp"
#include "common/ops/conv2d.hpp"

namespace {

using namespace cnn;
using nlohmann::ordered_json;

constexpr double tolerance = 1e-4;  // of an error, as a part of the largest element

/// A number with about three digits, never less than its integer part.
std::string three_digits(double x) { return fmt::format("{:.{}f}", x, x < 10 ? 2 : x < 100 ? 1 : 0); }

/// Of the last minute, as the system counts: what else the machine does.
double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

struct NamedConv {
  const char* name;
  bench::ConvShape shape;
};

const std::array<NamedConv, 5> convolutions{
    {{"alexnet3", {{8, 256, 12, 12}, {384, 256, 3, 3}, {.padding = 1}}},
     {"alexnet2", {{2, 96, 26, 26}, {256, 96, 5, 5}, {.padding = 2}}},
     {"resnet3", {{8, 64, 24, 24}, {128, 64, 3, 3}, {.stride = 2, .padding = 1}}},
     {"lenet1", {{64, 1, 28, 28}, {6, 1, 5, 5}, {}}},
     {"vgg2", {{1, 64, 112, 112}, {128, 64, 3, 3}, {.padding = 1}}}}};

struct Options {
  bench::CommonOptions common;
  std::vector<std::string> convs{"alexnet3"};
  Index batch = 0;                               // 0: that of the convolution
  std::string simd = simd_level_names().back();  // the last step of the ladder
  std::string command;
};

/// The program: what is printed, and what is written.
class Report {
 public:
  explicit Report(const Options& options) : o_(options), limit_(limit_of(options.simd)) {
    note("machine",
         fmt::format("{:%F}, {}, `{}`. Load average before the start: {:.1f}. Arithmetic limit of {}: {:.1f} "
                     "GFLOP/s with one thread, {:.1f} with {}.",
                     fmt::gmtime(std::chrono::system_clock::now()), bench::machine_text(), o_.command, load_,
                     limit_.level, 1e-9 * limit_.one_thread, 1e-9 * limit_.all_threads, thread_count()));
    results_ = {{"machine", bench::machine()},
                {"command", o_.command},
                {"load_average", load_},
                {"limit",
                 {{"level", limit_.level},
                  {"gflops_one_thread", 1e-9 * limit_.one_thread},
                  {"gflops", 1e-9 * limit_.all_threads}}}};
  }

  /// Measures steps that do the same `macs` multiplications with addition.
  void climb(const std::string& key, const std::string& title, const std::vector<bench::Step>& steps,
             double macs, Tensor& y, const std::vector<double>& exact) {
    Table table({"step", "ms", "GFLOP/s", "% of limit", "gain", "error"}, 1);
    ordered_json list = ordered_json::array();
    std::map<std::string, double> seconds;
    const int all_threads = thread_count();
    for (const bench::Step& step : steps) {
      use_simd_level(step.level);
      set_thread_count(step.threads);
      const double error = check(step, y, exact);
      const double time = bench::measure(o_.common.effort, [&] { step.run(y); }).median;
      seconds[step.name] = time;
      const double rate = 2 * macs / time;
      const double limit = step.threads == 1 ? limit_.one_thread : limit_.all_threads;
      const double gain = step.before.empty() ? 1 : seconds.at(step.before) / time;
      table.add({step.name, three_digits(1e3 * time), fmt::format("{:.1f}", 1e-9 * rate),
                 fmt::format("{:.1f}", 100 * rate / limit), step.before.empty() ? "" : three_digits(gain),
                 fmt::format("{:.0e}", error)});
      list.push_back({{"step", step.name},
                      {"code", step.code},
                      {"threads", step.threads},
                      {"seconds", time},
                      {"gflops", 1e-9 * rate},
                      {"percent_of_limit", 100 * rate / limit},
                      {"before", step.before},
                      {"gain", gain},
                      {"error", error}});
    }
    set_thread_count(all_threads);
    results_[key] = list;
    show(key, title, table);
  }

  /// Measures the errors of all tiles, and of plain sums in float32.
  void round() {
    Table table({"algorithm", "multiplications", "64: rms", "max", "256: rms", "max"}, 1);
    ordered_json list = ordered_json::array();
    for (const Index side : {3, 5}) {
      std::vector<const simd::WinogradTile*> tiles{nullptr};  // direct
      for (const Index stride : {1, 2}) {
        const std::vector<const simd::WinogradTile*> more = bench::tiles_for(side, stride);
        tiles.insert(tiles.end(), more.begin(), more.end());
      }
      for (const simd::WinogradTile* tile : tiles) {
        const std::string name =
            tile == nullptr ? fmt::format("packed_conv2d, {0}x{0}", side) : bench::tile_name(*tile);
        const auto share = [](Index points, Index output) {
          return static_cast<double>(points * points) / static_cast<double>(output * output);
        };
        const double products = tile == nullptr ? share(side, 1) : share(tile->points, tile->output);
        std::vector<std::string> row{name, fmt::format("{:.2f}", products)};
        ordered_json entry{{"algorithm", name}, {"multiplications", products}};
        for (const Index ic : {64, 256}) {
          const reference::Rounding error = rounding_of(tile, side, ic);
          row.insert(row.end(), {fmt::format("{:.1e}", error.rms), fmt::format("{:.1e}", error.max)});
          entry[std::to_string(ic)] = {{"rms", error.rms}, {"max", error.max}};
        }
        table.add(row);
        list.push_back(entry);
      }
    }
    results_["rounding"] = list;
    show("rounding", "Rounding errors with 64 and 256 input channels", table);
  }

  void write() const { bench::write_results(o_.common, results_, markdown_); }

 private:
  static reference::Rounding rounding_of(const simd::WinogradTile* tile, Index side, Index ic) {
    const Index stride = tile == nullptr ? 1 : tile->step / tile->output;
    const bench::ConvShape shape{
        {1, ic, 24, 24}, {32, ic, side, side}, {.stride = stride, .padding = side / 2}};
    const ConvSizes s = conv_sizes(shape.x, shape.weight, shape.geometry);
    const bench::ConvTensors t = bench::conv_tensors(shape);
    Tensor y = Tensor::empty(t.grad_y.shape());
    if (tile == nullptr) {
      simd::packed_conv2d(y, t.x, {t.weight}, s);
    } else {
      simd::winograd_conv2d(y, t.x, {t.weight}, s, *tile);
    }
    return reference::rounding(y.values(),
                               reference::exact_conv2d(y, t.x, t.weight, nullptr, shape.geometry));
  }

  bench::Limit limit_of(const std::string& level) const {
    return *std::find_if(limits_.all().begin(), limits_.all().end(),
                         [&](const bench::Limit& limit) { return limit.level == level; });
  }

  static double check(const bench::Step& step, Tensor& y, const std::vector<double>& exact) {
    step.run(y);
    const double error = reference::rounding(y.values(), exact).max;
    CNN_CHECK(
        error <= tolerance, Error,
        fmt::format("[steps] \"{}\" is wrong by {:.1e} of the largest element, more than {:.0e}: that is a "
                    "bug, ./cnn test will say where",
                    step.name, error, tolerance));
    return error;
  }

  // The page includes what is between two marks.
  void mark(const std::string& key, const std::string& text) {
    markdown_ += fmt::format("<!-- [{0}] -->\n\n{1}\n\n<!-- [{0}] -->\n\n", key, text);
  }
  void note(const std::string& key, const std::string& text) {
    fmt::print("{}\n\n", text);
    mark(key, text);
  }
  void show(const std::string& key, const std::string& title, const Table& table) {
    fmt::print("{}\n{}\n", title, table.draw());
    std::fflush(stdout);
    mark(key, fmt::format("**{}**\n\n{}", title, table.draw(true)));
  }

  Options o_;
  double load_ = load_average();  // before limits_, which makes load
  bench::Limits limits_;
  bench::Limit limit_;
  ordered_json results_;
  std::string markdown_;
};

void climb_convolution(Report& report, const NamedConv& conv, Index batch) {
  bench::ConvShape shape = conv.shape;
  if (batch > 0) shape.x[0] = batch;
  const bench::ConvTensors t = bench::conv_tensors(shape);
  Tensor y = Tensor::empty(t.grad_y.shape());
  const std::string title =
      fmt::format("{}: {}, {} image{}", conv.name, shape.name(), shape.x[0], shape.x[0] == 1 ? "" : "s");
  report.climb(conv.name, title, bench::conv_steps(t, shape), static_cast<double>(shape.macs()), y,
               reference::exact_conv2d(y, t.x, t.weight, &t.bias, shape.geometry));
}

void climb_product(Report& report, const NamedConv& conv, Index batch) {
  bench::ConvShape shape = conv.shape;
  if (batch > 0) shape.x[0] = batch;
  const bench::Product p(conv_sizes(shape.x, shape.weight, shape.geometry));
  Tensor c = Tensor::empty({p.rows, p.columns});
  report.climb(
      "product",
      fmt::format("The product of matrices alone, {0}x{1} times {1}x{2}", p.rows, p.depth, p.columns),
      bench::product_steps(p), static_cast<double>(shape.macs()), c, p.exact());
}

void run(const Options& o) {
  if (o.common.threads > 0) set_thread_count(o.common.threads);
  use_simd_level(o.simd);
  Report report(o);
  for (const NamedConv& conv : convolutions)
    if (std::find(o.convs.begin(), o.convs.end(), conv.name) != o.convs.end())
      climb_convolution(report, conv, o.batch);
  climb_product(report, convolutions[0], o.batch);
  report.round();
  report.write();
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("One convolution step by step, from the plain loops to the last trick, each step checked",
               "./cnn bench steps");
  bench::add_common_options(app, o.common);
  std::vector<std::string> names;
  for (const NamedConv& conv : convolutions) names.emplace_back(conv.name);
  app.add_option("--conv", o.convs, fmt::format("convolutions: {} [alexnet3]", fmt::join(names, ", ")))
      ->check(CLI::IsMember(names).description(""))
      ->take_all()
      ->type_name("NAME");
  app.add_option("--batch", o.batch, "images [as many as make about 1 GMAC]")
      ->check(bench::between(1, 1 << 20))
      ->type_name("N");
  app.add_option("--simd", o.simd, "highest instruction set: portable, avx2 or avx512 [the best one]")
      ->take_last()
      ->type_name("NAME");
  o.command =
      fmt::format("./cnn bench steps{}{}", argc > 1 ? " " : "", fmt::join(argv + 1, argv + argc, " "));
  return bench::run_program(app, argc, argv, [&] { run(o); });
}

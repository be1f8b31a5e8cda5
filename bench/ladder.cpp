// SPDX-License-Identifier: MIT

// ./cnn bench ladder: one convolution and one network on every rung, checked equal, next to what the machine can do; then
// the convolutions of the networks on the fastest rung.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bench/kernels.hpp"
#include "bench/layers.hpp"
#include "bench/limit.hpp"
#include "bench/program.hpp"
#include "bench/rungs.hpp"
#include "bench/work.hpp"
#include "common/backend/conv_sizes.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/core/table.hpp"
#include "common/core/threads.hpp"

namespace {

using namespace cnn;
using nlohmann::ordered_json;

constexpr double tolerance = 1e-4;    // of a difference between rungs, as a part of the largest element
constexpr double least_share = 0.02;  // of a network's multiplications, for a layer to be listed

struct Options {
  bench::CommonOptions common;
  Index conv_batch = 8;
  Index net_batch = 256;
  Index layer_batch = 0;  // 0: the book's
  std::vector<std::string> nets;
  bool only_cuda = false;  // not the rungs of the processor
  bool emulated = false;   // also on a device that computes on the host
};

/// The program: what is printed, and what is written.
class Ladder {
 public:
  explicit Ladder(const Options& options) : o_(options) {
    show("Arithmetic limit, GFLOP/s", limit_table());
    results_ = {{"machine", bench::machine()}, {"tolerance", tolerance}, {"limits", limit_list()}};
  }

  /// Measures works on every rung and compares each rung with the lowest.
  void climb(const std::string& title, const char* key, const std::vector<bench::Work>& works) {
    Table table({"work", "rung", "ms", "GFLOP/s", "limit", "% of limit", "difference"}, 2);
    ordered_json list = ordered_json::array();
    for (const bench::Work& work : works) {
      std::vector<Tensor> expected;
      for (const bench::Rung& rung : bench::rungs()) {
        bench::use(rung);
        const double apart = compare(work, rung, expected);
        const double seconds = bench::measure(o_.common.effort, work.run).median;
        const double rate = work.flops / seconds;
        const double limit = limits_.of(rung.level);
        table.add({work.name, rung.name(), fmt::format("{:.3f}", 1e3 * seconds),
                   fmt::format("{:.1f}", 1e-9 * rate), fmt::format("{:.0f}", 1e-9 * limit),
                   fmt::format("{:.1f}", 100 * rate / limit), fmt::format("{:.0e}", apart)});
        list.push_back({{"work", work.name},
                        {"rung", rung.name()},
                        {"seconds", seconds},
                        {"gflops", 1e-9 * rate},
                        {"limit_gflops", 1e-9 * limit},
                        {"difference", apart}});
      }
    }
    results_[key] = list;
    show(title, table);
  }

  /// Measures the convolutions of networks on the fastest rung.
  void walk_layers(const std::vector<bench::Network>& networks) {
    const bench::Rung rung = bench::rungs().back();
    bench::use(rung);
    ordered_json list = ordered_json::array();
    for (const bench::ConvLayer& layer : bench::conv_layers(networks, o_.layer_batch, least_share)) {
      limits_.measure_again(rung.level);
      list.push_back({{"convolution", layer.shape.name()},
                      {"networks", layer.networks},
                      {"x", layer.shape.x},
                      {"weight", layer.shape.weight},
                      {"gflop", 2e-9 * static_cast<double>(layer.shape.macs())}});
      const std::vector<bool> fewer = saves_multiplications(layer.shape);
      const std::vector<bench::Work> works = bench::passes(layer.shape);
      for (std::size_t k = 0; k < works.size(); ++k) {
        if (k == bench::input_pass && layer.reads_images) continue;
        const double rate = works[k].flops / bench::measure(o_.common.effort, works[k].run).median;
        list.back()["passes"][works[k].name] = {{"gflops", 1e-9 * rate},
                                                {"fewer_multiplications", bool{fewer[k]}}};
      }
    }
    const double limit = 1e-9 * limits_.of(rung.level);
    results_["limits"] = limit_list();
    results_["layers"] = list;
    show(fmt::format("Convolutions of the networks on {}, GFLOP/s and percent of {:.0f}", rung.name(), limit),
         layer_table(list, limit));
    note(
        "Asterisk: by Winograd's algorithm, with fewer multiplications than are counted here, a quarter of "
        "them "
        "in tiles\n"
        "F(4 x 4, 3 x 3), three fifths with stride 2. So more than 100 % is possible. Dash: no network needs "
        "this "
        "pass,\n"
        "the gradient of the images.");
  }

  /// Measures them on the rung cuda with each of its kernels.
  void walk_kernels(const std::vector<bench::Network>& networks) {
    bench::KernelLadder kernels(o_.common.effort);
    for (const bench::ConvLayer& layer : bench::conv_layers(networks, o_.layer_batch, least_share))
      kernels.measure(layer);
    results_["kernels"] = kernels.results();
    show("Convolutions of the networks on cuda, GFLOP/s by kernel", kernels.table());
    note("Dash: no network needs this pass, or the card lacks the kernel or the memory. " +
         kernels.summary());
  }

  void write() const { bench::write_results(o_.common, results_, markdown_); }

  void note(const std::string& text) {
    fmt::print("{}\n\n", text);
    markdown_ += text + "\n\n";
  }

 private:
  Table limit_table() const {
    Table table({"instruction set", "1 thread", fmt::format("{} threads", thread_count())}, 1);
    for (const bench::Limit& limit : limits_.all())
      table.add({limit.level, fmt::format("{:.1f}", 1e-9 * limit.one_thread),
                 fmt::format("{:.1f}", 1e-9 * limit.all_threads)});
    return table;
  }

  ordered_json limit_list() const {
    ordered_json list = ordered_json::array();
    for (const bench::Limit& limit : limits_.all())
      list.push_back({{"level", limit.level},
                      {"gflops_one_thread", 1e-9 * limit.one_thread},
                      {"gflops", 1e-9 * limit.all_threads}});
    return list;
  }

  /// How far the results are from those of the lowest rung, which are put into `expected`.
  static double compare(const bench::Work& work, const bench::Rung& rung, std::vector<Tensor>& expected) {
    const std::vector<Tensor> results = work.results();
    if (expected.empty()) expected = results;
    double apart = 0;
    for (std::size_t k = 0; k < results.size(); ++k)
      apart = std::max(apart, bench::difference(results[k], expected[k]));
    CNN_CHECK(
        apart <= tolerance, Error,
        fmt::format("[ladder] {} on {} differs from {} by {:.1e} of the largest element, more than {:.0e}: "
                    "that is a bug, ./cnn test will say where",
                    work.name, rung.name(), bench::rungs().front().name(), apart, tolerance));
    return apart;
  }

  static Table layer_table(const ordered_json& layers, double limit) {
    Table table({"convolution", "networks", "batch", "GFLOP", "forward", "%", "input", "%", "weight", "%"},
                2);
    for (const ordered_json& layer : layers) {
      std::vector<std::string> row{
          layer["convolution"],
          fmt::format("{}", fmt::join(layer["networks"].get<std::vector<std::string>>(), " ")),
          std::to_string(layer["x"][0].get<Index>()), fmt::format("{:.2f}", layer["gflop"].get<double>())};
      for (const char* pass : {"forward", "backward, input", "backward, weight"}) {
        if (!layer["passes"].contains(pass)) {
          row.insert(row.end(), {"-", "-"});
          continue;
        }
        const ordered_json& p = layer["passes"][pass];
        const double rate = p["gflops"];
        row.push_back(fmt::format("{:.1f}", rate));
        row.push_back(
            fmt::format("{}{:.0f}", p["fewer_multiplications"].get<bool>() ? "* " : "", 100 * rate / limit));
      }
      table.add(row);
    }
    return table;
  }

  /// Whether the rung simd takes Winograd's algorithm for each of the passes.
  static std::vector<bool> saves_multiplications(const bench::ConvShape& shape) {
    const ConvSizes s = conv_sizes(shape.x, shape.weight, shape.geometry);
    return {simd::winograd_pays(s), simd::winograd_backward_input_pays(s),
            simd::winograd_backward_weight_pays(s)};
  }

  void show(const std::string& title, const Table& table) {
    fmt::print("{}\n{}\n", title, table.draw());
    std::fflush(stdout);
    markdown_ += fmt::format("**{}**\n\n{}\n", title, table.draw(true));
  }

  Options o_;
  bench::Limits limits_;
  ordered_json results_;
  std::string markdown_;
};

void climb_the_processor(Ladder& ladder, const Options& o, const std::vector<bench::Network>& networks) {
  const bench::ConvShape conv{{o.conv_batch, 256, 12, 12}, {384, 256, 3, 3}, {.padding = 1}};
  ladder.climb(fmt::format("The third convolution of AlexNet, {}, {} images", conv.name(), o.conv_batch),
               "convolution", bench::passes(conv));
  ladder.climb(fmt::format("LeNet, {} images", o.net_batch), "network", {bench::lenet_step(o.net_batch)});
  ladder.note(fmt::format(
      "difference: from the lowest rung, as a part of the largest element; at most {:.0e} is accepted",
      tolerance));
  if (!networks.empty()) ladder.walk_layers(networks);
}

void run(const Options& o) {
  if (o.common.threads > 0) set_thread_count(o.common.threads);
  const bool no_layers = o.nets == std::vector<std::string>{"none"};
  const std::vector<bench::Network> networks =
      no_layers ? std::vector<bench::Network>{} : bench::find_networks(o.nets);
  fmt::print("{}\n\n", bench::machine_text());
  const bool has_device = bench::KernelLadder::has_device(o.emulated);
  CNN_CHECK(has_device || !o.only_cuda, DeviceError,
            "[ladder] there is no CUDA device to measure; leave out --only-cuda, ./cnn doctor says what is "
            "missing");
  Ladder ladder(o);
  if (!o.only_cuda) climb_the_processor(ladder, o, networks);
  if (has_device && !networks.empty()) ladder.walk_kernels(networks);
  ladder.write();
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "One convolution and one network on every rung, checked equal; all convolutions on the fastest",
      "./cnn bench ladder");
  bench::add_common_options(app, o.common);
  const auto count = bench::between(1, 1 << 20);
  app.add_option("--conv-batch", o.conv_batch, "images of the convolution [8]")->check(count)->type_name("N");
  app.add_option("--net-batch", o.net_batch, "images of LeNet's step [256]")->check(count)->type_name("N");
  app.add_option("--layer-batch", o.layer_batch, "images of the other convolutions [the book's]")
      ->check(count)
      ->type_name("N");
  app.add_option("--net", o.nets, "networks whose convolutions are measured, or none [all eight]")
      ->take_all()
      ->type_name("NAME");
  app.add_flag("--only-cuda", o.only_cuda, "only the kernels of the rung cuda, on a card");
  app.add_flag("--emulated", o.emulated, "count an emulated device as a card; its times say nothing");
  return bench::run_program(app, argc, argv, [&] { run(o); });
}

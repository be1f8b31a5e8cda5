// SPDX-License-Identifier: MIT

// ./cnn bench ladder: one convolution and one network on every rung, checked equal, next to what the machine can do; then
// the convolutions of the networks on the fastest rung.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "bench/layers.hpp"
#include "bench/limit.hpp"
#include "bench/program.hpp"
#include "bench/rungs.hpp"
#include "bench/table.hpp"
#include "common/core/threads.hpp"
#include "common/nn/summary.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/adam.hpp"

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
};

/// The largest difference of two tensors, as a part of the largest element of the second; infinite if one is no number.
double difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  double apart = 0;
  for (std::size_t k = 0; k < b.values().size(); ++k) {
    const double have = a.values()[k];
    const double want = b.values()[k];
    if (!std::isfinite(have - want)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(want));
    apart = std::max(apart, std::abs(have - want));
  }
  return largest > 0 ? apart / largest : apart;
}

/// Something that every rung computes.
struct Work {
  std::string name;                                    // "forward"
  double flops;                                        // a multiplication with addition counts twice
  std::function<std::vector<Tensor>()> run;            // what is measured
  std::function<std::vector<Tensor>()> results = run;  // what is to be equal
};

/// The three passes of a convolution.
std::vector<Work> passes(const bench::ConvShape& shape) {
  const auto t = std::make_shared<bench::ConvTensors>(bench::conv_tensors(shape));
  const double flops = 2 * static_cast<double>(shape.macs());
  const auto forward = [=] { return std::vector{ops::conv2d(t->x, t->weight, &t->bias, shape.geometry)}; };
  const auto backward_input = [=] {
    return std::vector{ops::conv2d_backward_input(t->grad_y, shape.x, t->weight, shape.geometry)};
  };
  const auto backward_weight = [=] {
    std::vector<Tensor> grads{Tensor::empty(shape.weight), Tensor::empty({shape.weight[0]})};
    ops::conv2d_backward_weight_into(grads[0], &grads[1], t->grad_y, t->x, shape.geometry);
    return grads;
  };
  return {{"forward", flops, forward},
          {"backward, input", flops, backward_input},
          {"backward, weight", flops, backward_weight}};
}

/// A network in training, always on the same batch.
class Training {
 public:
  Training(const bench::Network& network, Index n)
      : model_(network.make(rng_)),
        adam_(model_.named_parameters()),
        batch_(bench::made_up_batch(network, n, {})) {
    model_.set_input_grad_needed(false);
  }

  /// \return the gradients of all parameters
  std::vector<Tensor> gradients() {
    model_.zero_grad();
    const Tensor logits = model_.forward(batch_.images);
    ops::CrossEntropy result = ops::softmax_cross_entropy(logits, batch_.labels);
    model_.backward(std::move(result.grad));
    std::vector<Tensor> grads;
    for (const nn::Parameter* parameter : model_.parameters()) grads.push_back(parameter->grad);
    return grads;
  }

  std::vector<Tensor> step() {
    std::vector<Tensor> grads = gradients();
    adam_.step();
    return grads;
  }

 private:
  Rng rng_{0};
  nn::Sequential model_;
  optim::Adam adam_;
  bench::Batch batch_;
};

Work lenet_step(Index n) {
  const bench::Network& network = bench::find_network("lenet");
  Rng rng(0);
  const Index macs = nn::summarize(network.make(rng), network.batch_shape(n)).macs;
  const auto training = std::make_shared<Training>(network, n);
  return {"training step", 6 * static_cast<double>(macs), [=] { return training->step(); },
          [=] { return Training(network, n).gradients(); }};
}

/// The program: what is printed, and what is written.
class Ladder {
 public:
  explicit Ladder(const Options& options) : o_(options) {
    show("Arithmetic limit, GFLOP/s", limit_table());
    results_ = {{"machine", bench::machine()}, {"tolerance", tolerance}, {"limits", limit_list()}};
  }

  /// Measures works on every rung and compares each rung with the lowest.
  void climb(const std::string& title, const char* key, const std::vector<Work>& works) {
    bench::Table table({"work", "rung", "ms", "GFLOP/s", "limit", "% of limit", "difference"}, 2);
    ordered_json list = ordered_json::array();
    for (const Work& work : works) {
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
    const double limit = limits_.of(rung.level);
    bench::Table table(
        {"convolution", "networks", "batch", "GFLOP", "forward", "%", "input", "%", "weight", "%"}, 2);
    ordered_json list = ordered_json::array();
    for (const bench::ConvLayer& layer : bench::conv_layers(networks, o_.layer_batch, least_share)) {
      const bool fewer = saves_multiplications(layer.shape);
      std::vector<std::string> row{layer.shape.name() + (fewer ? " *" : ""),
                                   fmt::format("{}", fmt::join(layer.networks, " ")),
                                   std::to_string(layer.shape.x[0]),
                                   fmt::format("{:.2f}", 2e-9 * static_cast<double>(layer.shape.macs()))};
      ordered_json entry{{"convolution", layer.shape.name()},
                         {"networks", layer.networks},
                         {"x", layer.shape.x},
                         {"weight", layer.shape.weight},
                         {"fewer_multiplications", fewer}};
      for (const Work& work : passes(layer.shape)) {
        const double rate = work.flops / bench::measure(o_.common.effort, work.run).median;
        row.push_back(fmt::format("{:.1f}", 1e-9 * rate));
        row.push_back(fmt::format("{:.0f}", 100 * rate / limit));
        entry["gflops"][work.name] = 1e-9 * rate;
      }
      table.add(row);
      list.push_back(entry);
    }
    results_["layers"] = list;
    show(fmt::format("Convolutions of the networks on {}, GFLOP/s and percent of {:.0f}", rung.name(),
                     1e-9 * limit),
         table);
    note(
        "* 3 x 3 and 5 x 5 windows with stride 1: Winograd's algorithm needs fewer multiplications than are "
        "counted here\n"
        "  (F(2 x 2, 3 x 3) 2.25 times fewer, F(4 x 4, 3 x 3) four times), so that more than 100 % is "
        "possible.");
  }

  void write() const { bench::write_results(o_.common, results_, markdown_); }

  void note(const std::string& text) {
    fmt::print("{}\n\n", text);
    markdown_ += text + "\n\n";
  }

 private:
  bench::Table limit_table() const {
    bench::Table table({"instruction set", "1 thread", fmt::format("{} threads", thread_count())}, 1);
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
  static double compare(const Work& work, const bench::Rung& rung, std::vector<Tensor>& expected) {
    const std::vector<Tensor> results = work.results();
    if (expected.empty()) expected = results;
    double apart = 0;
    for (std::size_t k = 0; k < results.size(); ++k)
      apart = std::max(apart, difference(results[k], expected[k]));
    CNN_CHECK(
        apart <= tolerance, Error,
        fmt::format("[ladder] {} on {} differs from {} by {:.1e} of the largest element, more than {:.0e}: "
                    "that is a bug, ./cnn test will say where",
                    work.name, rung.name(), bench::rungs().front().name(), apart, tolerance));
    return apart;
  }

  static bool saves_multiplications(const bench::ConvShape& shape) {
    const Index kernel = shape.weight[2];
    return shape.geometry.stride.h == 1 && (kernel == 3 || kernel == 5);
  }

  void show(const std::string& title, const bench::Table& table) {
    fmt::print("{}\n{}\n", title, table.draw());
    std::fflush(stdout);
    markdown_ += fmt::format("**{}**\n\n{}\n", title, table.draw(true));
  }

  Options o_;
  bench::Limits limits_;
  ordered_json results_;
  std::string markdown_;
};

void run(const Options& o) {
  if (o.common.threads > 0) set_thread_count(o.common.threads);
  const bool no_layers = o.nets == std::vector<std::string>{"none"};
  const std::vector<bench::Network> networks =
      no_layers ? std::vector<bench::Network>{} : bench::find_networks(o.nets);
  fmt::print("{}\n\n", bench::machine_text());
  Ladder ladder(o);
  const bench::ConvShape conv{{o.conv_batch, 256, 12, 12}, {384, 256, 3, 3}, {.padding = 1}};
  ladder.climb(fmt::format("The third convolution of AlexNet, {}, {} images", conv.name(), o.conv_batch),
               "convolution", passes(conv));
  ladder.climb(fmt::format("LeNet, {} images", o.net_batch), "network", {lenet_step(o.net_batch)});
  ladder.note(fmt::format(
      "difference: from the lowest rung, as a part of the largest element; at most {:.0e} is accepted",
      tolerance));
  if (!no_layers) ladder.walk_layers(networks);
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
  return bench::run_program(app, argc, argv, [&] { run(o); });
}

// SPDX-License-Identifier: MIT

// ./cnn bench nets: training step and inference of the book's networks. Each network runs in a process of its own, so that
// the peak of its memory is its own.

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "bench/layer_times.hpp"
#include "bench/networks.hpp"
#include "bench/program.hpp"
#include "common/backend/backend.hpp"
#include "common/core/process_memory.hpp"
#include "common/core/table.hpp"
#include "common/core/threads.hpp"
#include "common/io/safetensors.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/prepared.hpp"
#include "common/nn/summary.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/adam.hpp"
#include "common/train/version.hpp"
#include "common/train/weights.hpp"

extern char** environ;

namespace {

using namespace cnn;
using nlohmann::ordered_json;

struct Options {
  bench::CommonOptions common;
  bench::RungOptions rung;
  std::vector<std::string> nets;
  Index batch_size = 0;  // 0: the book's
  bool scaling = false;
  bool layers = false;
  bool inference = false;  // alone
  std::filesystem::path weights, dump;
  bool record = false;  // one network, one line of JSON: what this program starts itself with
};

/// Times of one phase; a training step is three passes over the layers' multiplications, inference is one.
ordered_json phase(const bench::Timing& timing, Index macs, int passes) {
  return {{"median_seconds", timing.median},
          {"fastest_seconds", timing.fastest},
          {"steps", timing.steps},
          {"gflops", 2e-9 * passes * static_cast<double>(macs) / timing.median},
          {"peak_bytes", process_memory().peak}};
}

/// A network in training and out of it. Inference comes first: the peak of the memory only grows.
class Measurement {
 public:
  Measurement(const bench::Network& network, Index n, const Options& o)
      : effort_(o.common.effort),
        model_(network.make(1, 10, rng_)),
        batch_(bench::made_up_batch(network, n, default_device())) {
    model_.to(default_device());
    model_.set_input_grad_needed(false);
    macs_ = nn::summarize(model_, batch_.images.shape()).macs;
    if (!o.weights.empty()) load_weights(o.weights, model_);
    nn::fuse(model_);
    if (o.layers) times_ = bench::time_layers(model_);
  }

  ordered_json inference() {
    nn::Prepared prepared(model_, batch_.images.shape()[0]);
    return phase(bench::measure(effort_, [&] { prepared.forward(batch_.images); }), macs_, 1);
  }

  /// \return null if the network cannot learn from this batch, and then why_not() says why
  ordered_json training() try {
    model_.train(true);
    optim::Adam adam{model_.named_parameters()};
    const auto step = [&] {
      model_.zero_grad();
      const Tensor logits = model_.forward(batch_.images);
      ops::CrossEntropy result = ops::softmax_cross_entropy(logits, batch_.labels);
      model_.backward(std::move(result.grad));
      adam.step();
    };
    return phase(bench::measure(effort_, step), macs_, 3);
  } catch (const ShapeError& e) {  // inference was possible: it is batch normalization
    why_not_ = e.what();
    return nullptr;
  }

  const std::string& why_not() const { return why_not_; }

  ordered_json layers() const { return bench::layers_as_json(times_); }

  /// Writes the images, and what the network answers to them, as safetensors.
  void dump(const std::filesystem::path& path) {
    nn::Prepared prepared(model_, batch_.images.shape()[0]);
    io::save_safetensors(path, {{"images", batch_.images}, {"logits", prepared.forward(batch_.images)}});
  }

 private:
  bench::Effort effort_;
  std::string why_not_;
  Rng rng_{0};
  nn::Sequential model_;
  bench::Batch batch_;
  Index macs_ = 0;
  std::vector<std::shared_ptr<bench::LayerTime>> times_;
};

constexpr int scaling_turns = 3;  // of all threads and of one: other work on the machine should hit both

/// The turn with the median of the times, but the fastest step of all turns, and the memory of the first: the peak only grows.
ordered_json middle_turn(std::vector<ordered_json> turns, const std::string& name) {
  if (turns.front()[name].is_null()) return nullptr;
  const ordered_json peak = turns.front()[name]["peak_bytes"];
  std::sort(turns.begin(), turns.end(), [&](const ordered_json& a, const ordered_json& b) {
    return a[name]["median_seconds"] < b[name]["median_seconds"];
  });
  ordered_json middle = turns[turns.size() / 2][name];
  middle["peak_bytes"] = peak;
  for (const ordered_json& turn : turns)
    middle["fastest_seconds"] = std::min(middle["fastest_seconds"], turn[name]["fastest_seconds"]);
  return middle;
}

ordered_json measure_network(const Options& o, const bench::Network& network) {
  const Index n = o.batch_size > 0 ? o.batch_size : network.batch_size;
  const Index start_bytes = process_memory().peak;
  const int threads = thread_count();
  Measurement measurement(network, n, o);
  if (!o.dump.empty()) measurement.dump(o.dump);  // before training changes the weights
  const auto turn = [&] {
    ordered_json phases{{"inference", measurement.inference()}};
    phases["training"] = o.inference ? ordered_json() : measurement.training();
    return phases;
  };
  std::vector<ordered_json> all{turn()}, one;
  ordered_json layers = measurement.layers();
  for (int k = 0; k < (o.scaling ? scaling_turns : 0); ++k) {
    set_thread_count(threads);
    if (k > 0) all.push_back(turn());
    set_thread_count(1);
    one.push_back(turn());
  }
  ordered_json result{{"net", network.name},        {"batch_size", n},    {"image_size", network.image_size},
                      {"rung", rung_description()}, {"threads", threads}, {"start_bytes", start_bytes}};
  for (const std::string name : {"inference", "training"}) {
    result[name] = middle_turn(all, name);
    if (o.scaling) result[name + "_one_thread"] = middle_turn(one, name);
  }
  if (o.inference) return result;
  if (result["training"].is_null())
    fmt::print(stderr, "note: {} is measured without training at batch {}: {}\n", network.name, n,
               measurement.why_not());
  else if (o.layers)
    result["layers"] = layers;
  return result;
}

/// Starts this program once more for one network and returns the line it prints.
ordered_json measure_elsewhere(std::vector<std::string> arguments, const std::string& net) {
  arguments.insert(arguments.end(), {"--net", net, "--record"});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int ends[2];
  CNN_CHECK(::pipe2(ends, O_CLOEXEC) == 0, Error, "[nets] no pipe can be made; close some programs");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  pid_t process = -1;
  const int failed = posix_spawn(&process, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::fdopen(ends[0], "r"), &std::fclose);
  CNN_CHECK(failed == 0 && pipe, Error, "[nets] this program cannot start itself; is there a /proc?");
  std::string text;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) text += static_cast<char>(c);
  int status = 0;
  ::waitpid(process, &status, 0);
  CNN_CHECK(status == 0, Error,
            WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
                ? "[nets] " + net + " was killed, probably for its memory; give a smaller --batch-size"
                : "[nets] " + net + " could not be measured, see above");
  return ordered_json::parse(text);
}

std::vector<std::string> head(bool scaling) {
  std::vector<std::string> names{"net",        "batch",        "side",    "train ms",  "GFLOP/s",
                                 "memory MiB", "inference ms", "GFLOP/s", "memory MiB"};
  if (scaling) names.insert(names.end(), {"1 thread: train ms", "speed-up", "inference ms", "speed-up"});
  return names;
}

std::vector<std::string> row(const ordered_json& r) {
  std::vector<std::string> cells{r["net"], std::to_string(r["batch_size"].get<Index>()),
                                 std::to_string(r["image_size"].get<Index>())};
  for (const char* name : {"training", "inference"}) {
    const ordered_json& p = r[name];
    if (p.is_null()) {
      cells.insert(cells.end(), 3, "-");
      continue;
    }
    cells.push_back(fmt::format("{:.2f}", 1e3 * p["median_seconds"].get<double>()));
    cells.push_back(fmt::format("{:.1f}", p["gflops"].get<double>()));
    cells.push_back(fmt::format("{:.0f}", p["peak_bytes"].get<double>() / (1 << 20)));
  }
  for (const std::string name : {"training", "inference"}) {
    if (!r.contains(name + "_one_thread")) continue;
    const ordered_json& one = r[name + "_one_thread"];
    if (one.is_null()) {
      cells.insert(cells.end(), 2, "-");
      continue;
    }
    cells.push_back(fmt::format("{:.2f}", 1e3 * one["median_seconds"].get<double>()));
    cells.push_back(fmt::format(
        "{:.2f}", one["fastest_seconds"].get<double>() / r[name]["fastest_seconds"].get<double>()));
  }
  return cells;
}

void run(const Options& o, const std::vector<std::string>& arguments) {
  if (o.common.threads > 0) set_thread_count(o.common.threads);
  bench::use(o.rung);
  const std::vector<bench::Network> networks = bench::find_networks(o.nets);
  CNN_CHECK(o.record || networks.size() == 1 || (o.weights.empty() && o.dump.empty()), UsageError,
            "[nets] --load and --dump are for one network; name it with --net");
  if (o.record) {
    fmt::print("{}\n", measure_network(o, networks.back()).dump());
    return;
  }
  Table table(head(o.scaling), 1);
  ordered_json results = ordered_json::array();
  for (const bench::Network& network : networks) {
    if (::isatty(2) != 0) fmt::print(stderr, "\r{:<12}", network.name);
    results.push_back(measure_elsewhere(arguments, network.name));
    table.add(row(results.back()));
  }
  if (::isatty(2) != 0) fmt::print(stderr, "\r{:<12}\r", "");
  const std::string heading = fmt::format("{}, {}", rung_description(), bench::machine_text());
  fmt::print("{}\n\n{}", heading, table.draw());
  std::string markdown = heading + "\n\n" + table.draw(true);
  for (const ordered_json& network : results) {
    if (!network.contains("layers")) continue;
    const Table layers = bench::layer_table(network["layers"], network["training"]["median_seconds"]);
    fmt::print("\n{}\n{}", network["net"].get<std::string>(), layers.draw());
    markdown += fmt::format("\n**{}**\n\n{}", network["net"].get<std::string>(), layers.draw(true));
  }
  bench::write_results(o.common, {{"machine", bench::machine()}, {"networks", results}}, markdown);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Training step and inference of the book's networks, with its batch and image sizes",
               "./cnn bench nets");
  bench::add_common_options(app, o.common);
  bench::add_rung_options(app, o.rung);
  app.add_option("--net", o.nets, "only these networks [all eight]")->take_all()->type_name("NAME");
  app.add_option("--batch-size", o.batch_size, "images a step [the book's]")
      ->check(bench::between(1, 1 << 20))
      ->type_name("N");
  app.add_flag("--scaling", o.scaling, "measure with one thread, too");
  app.add_flag("--layers", o.layers, "say how much of a training step each layer takes");
  app.add_flag("--inference", o.inference, "leave training out")->excludes("--layers");
  app.add_option("--load", o.weights, "weights (safetensors) of the one --net [the initial ones]")
      ->type_name("FILE");
  app.add_option("--dump", o.dump, "write the images and the logits of the one --net (safetensors)")
      ->type_name("FILE");
  app.add_flag("--record", o.record, "measure the last network named, here, and print one line of JSON");
  return bench::run_program(app, argc, argv, [&] { run(o, {argv, argv + argc}); });
}

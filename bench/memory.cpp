// SPDX-License-Identifier: MIT

// ./build/release/bin/bench_memory: what foretell_memory() says that the book's networks take, what they take, and what of it
// their layers save of an image for the backward pass.

#include <fmt/format.h>

#include "bench/networks.hpp"
#include "bench/program.hpp"
#include "common/core/storage.hpp"
#include "common/core/table.hpp"
#include "common/core/threads.hpp"
#include "common/nn/fuse.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/adam.hpp"
#include "common/optim/foretold_memory.hpp"
#include "common/optim/sgd.hpp"
#include "common/train/version.hpp"

namespace {

using namespace cnn;

struct Options {
  bench::RungOptions rung;
  std::vector<std::string> nets;
  Index batch_size = 0;  // 0: the book's
  int threads = 0;
};

/// Most that the heap has in use while a network evaluates a batch, or makes two steps with an optimizer.
/// \param optimizer  makes it; null for evaluation
Index real_peak(nn::Module& model, const bench::Batch& batch, optim::Optimizer* optimizer) {
  model.train(optimizer != nullptr);
  reset_peak_memory();
  for (int step = 0; step < 2; ++step) {
    if (optimizer != nullptr) model.zero_grad();
    const Tensor logits = model.forward(batch.images);
    ops::CrossEntropy result = ops::softmax_cross_entropy(logits, batch.labels, optimizer != nullptr);
    if (optimizer == nullptr) continue;
    model.backward(std::move(result.grad));
    optimizer->step();
  }
  model.zero_grad();
  return memory_stats().peak;
}

/// What a forward pass in training leaves in the heap for the backward pass, the images among it.
/// \param fused  whether layers do the work of a ReLU after them
/// \return       MiB an image, as text; "-" where the network cannot be trained on such a batch
std::string saved_per_image(const bench::Network& network, const Tensor& images, bool fused) {
  Rng rng(0);
  nn::Sequential model = network.make(1, 10, rng);
  if (fused) nn::fuse(model);
  const Index before = memory_stats().in_use;
  try {
    model.forward(images.clone());
  } catch (const ShapeError&) {
    return "-";
  }
  const auto saved = static_cast<double>(memory_stats().in_use - before);
  return fmt::format("{:.2f}", saved / static_cast<double>(images.shape()[0]) / (1 << 20));
}

std::vector<std::string> row(const bench::Network& network, const Options& o) {
  const Index before = memory_stats().in_use;
  Rng rng(0);
  nn::Sequential model = network.make(1, 10, rng);
  model.set_input_grad_needed(false);
  nn::fuse(model);
  const Index n = o.batch_size > 0 ? o.batch_size : network.batch_size;
  const bench::Batch batch = bench::made_up_batch(network, n, {});
  std::vector<std::string> cells{network.name, std::to_string(n)};
  const auto compare = [&](optim::Optimizer* optimizer) {
    try {
      const double told = static_cast<double>(
          optim::foretell_memory(model, batch.images.shape(),
                                 {.training = optimizer != nullptr, .optimizer = optimizer})
              .in_use);
      const auto real = static_cast<double>(real_peak(model, batch, optimizer) - before);
      for (const double bytes : {told, real}) cells.push_back(fmt::format("{:.1f}", bytes / (1 << 20)));
      cells.push_back(fmt::format("{:.3f}", told / real));
    } catch (const ShapeError&) {  // batch normalization learns nothing from one value a channel
      if (optimizer == nullptr) throw;
      cells.insert(cells.end(), 3, "-");
    }
  };
  compare(nullptr);
  {
    optim::Sgd sgd{model.named_parameters(), {.momentum = 0.9}};
    compare(&sgd);
  }
  optim::Adam adam{model.named_parameters()};
  compare(&adam);
  for (const bool fused : {false, true}) cells.push_back(saved_per_image(network, batch.images, fused));
  return cells;
}

void run(const Options& o) {
  if (o.threads > 0) set_thread_count(o.threads);
  bench::use(o.rung);
  Table table({"network", "batch", "evaluation MiB", "real", "ratio", "SGD MiB", "real", "ratio", "Adam MiB",
               "real", "ratio", "saved MiB/image", "fused"},
              1);
  for (const bench::Network& network : bench::find_networks(o.nets)) table.add(row(network, o));
  fmt::print("{}, {}\n\n{}", rung_description(), bench::machine_text(), table.draw());
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Memory of the book's networks, foretold and real: evaluation, SGD with momentum, Adam",
               "bench_memory");
  bench::add_rung_options(app, o.rung);
  bench::add_threads_option(app, o.threads);
  app.add_option("--net", o.nets, "only these networks [all eight]")->take_all()->type_name("NAME");
  app.add_option("--batch-size", o.batch_size, "images a step [the book's]")
      ->check(bench::between(1, 1 << 20))
      ->type_name("N");
  return bench::run_program(app, argc, argv, [&] { run(o); });
}

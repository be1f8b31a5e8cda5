// SPDX-License-Identifier: MIT

// ./cnn bench ops: every operation of the networks' layers, with the sizes it has there, on every rung. Measured by Google
// Benchmark.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bench/layers.hpp"
#include "bench/program.hpp"
#include "bench/rungs.hpp"
#include "common/core/threads.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/tree.hpp"
#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/pool2d.hpp"

namespace {

using namespace cnn;
using bench::random_tensor;

struct Options {
  int threads = 0;
  std::string backend;
  std::string simd;
  std::vector<std::string> nets;
  Index batch_size = 16;
  std::string filter;
  std::string json;
  double seconds = 0.2;
  bool list = false;
};

/// What one repetition does; made when the benchmark starts, so that only its own tensors are in memory.
using Step = std::function<void()>;

/// Registers benchmarks, each name once: `conv2d/forward/256>384 3x3 /1 +1 12x12/n16/simd (avx2)`.
class Registry {
 public:
  explicit Registry(const Options& o) : o_(o) {
    for (const bench::Rung& rung : bench::rungs()) {
      if ((o.backend.empty() || o.backend == rung.backend) && (o.simd.empty() || o.simd == rung.level))
        rungs_.push_back(rung);
    }
    CNN_CHECK(!rungs_.empty(), UsageError,
              "[ops] this build and machine have no rung '" + o.backend +
                  (o.simd.empty() ? "" : " " + o.simd) + "'");
  }

  /// \param name   operation and sizes
  /// \param flops  of one repetition, 0 where bytes say more
  /// \param bytes  read and written by one repetition, 0 where flops say more
  /// \param make   makes the tensors and returns the repetition
  void add(const std::string& name, double flops, Index bytes, const std::function<Step()>& make) {
    if (!names_.insert(name).second) return;
    for (const bench::Rung& rung : rungs_) {
      const auto body = [=](benchmark::State& state) {
        bench::use(rung);
        const Step step = make();
        step();
        for (auto _ : state) step();
        using benchmark::Counter;
        if (flops > 0) state.counters["FLOP/s"] = Counter(flops, Counter::kIsIterationInvariantRate);
        if (bytes > 0) state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * bytes);
      };
      benchmark::RegisterBenchmark((name + "/" + rung.name()).c_str(), body)
          ->UseRealTime()
          ->MinTime(o_.seconds)
          ->Unit(benchmark::kMillisecond);
    }
  }

 private:
  Options o_;
  std::vector<bench::Rung> rungs_;
  std::set<std::string> names_;
};

template <typename T>
void keep(T&& result) {
  benchmark::DoNotOptimize(result);
}

Index bytes_of(const Shape& shape, Index times) {
  return times * element_count(shape) * static_cast<Index>(sizeof(float));
}

void add_conv2d(Registry& registry, const bench::ConvShape& s) {
  const std::string sizes = fmt::format("{}/n{}", s.name(), s.x[0]);
  const double flops = 2 * static_cast<double>(s.macs());
  registry.add("conv2d/forward/" + sizes, flops, 0, [=]() -> Step {
    const bench::ConvTensors t = bench::conv_tensors(s);
    return [=] { keep(ops::conv2d(t.x, t.weight, &t.bias, s.geometry)); };
  });
  registry.add("conv2d/backward input/" + sizes, flops, 0, [=]() -> Step {
    const bench::ConvTensors t = bench::conv_tensors(s);
    return [=] { keep(ops::conv2d_backward_input(t.grad_y, s.x, t.weight, s.geometry)); };
  });
  registry.add("conv2d/backward weight/" + sizes, flops, 0, [=]() -> Step {
    const bench::ConvTensors t = bench::conv_tensors(s);
    return [=, grad = Tensor::empty(s.weight), grad_bias = Tensor::empty({s.weight[0]})]() mutable {
      ops::conv2d_backward_weight_into(grad, &grad_bias, t.grad_y, t.x, s.geometry);
    };
  });
}

void add_linear(Registry& registry, const Shape& x_shape, const Shape& w_shape) {
  const Index n = x_shape[0];
  const Index in = w_shape[1];
  const Index out = w_shape[0];
  const std::string sizes = fmt::format("{}>{}/n{}", in, out, n);
  const double flops = 2.0 * static_cast<double>(n * in * out);
  registry.add("linear/forward/" + sizes, flops, 0, [=]() -> Step {
    const Tensor x = random_tensor({n, in}, 1), weight = random_tensor({out, in}, 2),
                 bias = random_tensor({out}, 3);
    return [=] { keep(ops::linear(x, weight, &bias)); };
  });
  registry.add("linear/backward input/" + sizes, flops, 0, [=]() -> Step {
    const Tensor grad_y = random_tensor({n, out}, 1), weight = random_tensor({out, in}, 2);
    return [=] { keep(ops::linear_backward_input(grad_y, weight)); };
  });
  registry.add("linear/backward weight/" + sizes, flops, 0, [=]() -> Step {
    const Tensor grad_y = random_tensor({n, out}, 1), x = random_tensor({n, in}, 2);
    return [=, grad = Tensor::empty({out, in}), grad_bias = Tensor::empty({out})]() mutable {
      ops::linear_backward_weight_into(grad, &grad_bias, grad_y, x);
    };
  });
}

void add_pool2d(Registry& registry, const Shape& x_shape, const Pool2dOptions& o, bool maximum) {
  const Shape y_shape = ops::pool2d_output_shape(x_shape, o);
  const std::string sizes = fmt::format("{} {}x{} /{} {}x{}/n{}", x_shape[1], o.kernel.h, o.kernel.w,
                                        o.stride.h, x_shape[2], x_shape[3], x_shape[0]);
  const std::string name = maximum ? "max_pool2d/" : "avg_pool2d/";
  const Index bytes = bytes_of(x_shape, 1) + bytes_of(y_shape, 1);
  registry.add(name + "forward/" + sizes, 0, bytes, [=]() -> Step {
    const Tensor x = random_tensor(x_shape, 1);
    if (maximum) return [=] { keep(ops::max_pool2d(x, o)); };
    return [=] { keep(ops::avg_pool2d(x, o)); };
  });
  registry.add(name + "backward/" + sizes, 0, bytes, [=]() -> Step {
    const Tensor grad_y = random_tensor(y_shape, 2);
    if (!maximum) return [=] { keep(ops::avg_pool2d_backward(grad_y, x_shape, o)); };
    const Tensor indices = ops::max_pool2d(random_tensor(x_shape, 1), o).indices;
    return [=] { keep(ops::max_pool2d_backward(grad_y, indices, x_shape, o)); };
  });
}

void add_batch_norm(Registry& registry, const Shape& shape) {
  const Index channels = shape[1];
  registry.add("batch_norm/forward/" + to_string(shape), 0, bytes_of(shape, 2), [=]() -> Step {
    const Tensor x = random_tensor(shape, 1), weight = random_tensor({channels}, 2),
                 bias = random_tensor({channels}, 3);
    return [=] { keep(ops::batch_norm(x, weight, bias)); };
  });
  registry.add("batch_norm/backward/" + to_string(shape), 0, bytes_of(shape, 3), [=]() -> Step {
    const Tensor x = random_tensor(shape, 1), weight = random_tensor({channels}, 2),
                 bias = random_tensor({channels}, 3);
    const Tensor grad_y = random_tensor(shape, 4);
    const ops::BatchNorm made = ops::batch_norm(x, weight, bias);
    return [=] {
      keep(ops::batch_norm_backward(
          grad_y, x,
          {.mean = made.mean, .variance = made.variance, .weight = weight, .bias = bias, .epsilon = 1e-5}));
    };
  });
}

void add_activation(Registry& registry, const Shape& shape, bool relu) {
  const std::string name = relu ? "relu/" : "sigmoid/";
  registry.add(name + "forward/" + to_string(shape), 0, bytes_of(shape, 2), [=]() -> Step {
    const Tensor x = random_tensor(shape, 1);
    if (relu) return [=] { keep(ops::relu(x)); };
    return [=] { keep(ops::sigmoid(x)); };
  });
  registry.add(name + "backward/" + to_string(shape), 0, bytes_of(shape, 3), [=]() -> Step {
    const Tensor y = random_tensor(shape, 1), grad_y = random_tensor(shape, 2);
    if (relu) return [=] { keep(ops::relu_backward(grad_y, y)); };
    return [=] { keep(ops::sigmoid_backward(grad_y, y)); };
  });
}

/// One step on a parameter: value, gradient and both moments are read, all but the gradient written.
void add_adam(Registry& registry, Index size) {
  registry.add(fmt::format("adam/{}", size), 0, bytes_of({size}, 7), [=]() -> Step {
    return [value = random_tensor({size}, 1), grad = random_tensor({size}, 2), mean = Tensor::zeros({size}),
            mean_square = Tensor::zeros({size}), step = Index{0}]() mutable {
      ops::adam_step_inplace({{value, grad, mean, mean_square}}, {.learning_rate = 1e-3,
                                                                  .beta1 = 0.9,
                                                                  .beta2 = 0.999,
                                                                  .epsilon = 1e-8,
                                                                  .weight_decay = 0,
                                                                  .step = ++step});
    };
  });
}

void add_layer(Registry& registry, const nn::Module& layer, const Shape& x) {
  if (const auto* conv = dynamic_cast<const nn::Conv2d*>(&layer)) {
    add_conv2d(registry, {x, conv->weight().value.shape(), conv->geometry()});
    add_adam(registry, conv->weight().value.size());
  } else if (const auto* linear = dynamic_cast<const nn::Linear*>(&layer)) {
    add_linear(registry, x, linear->weight().value.shape());
    add_adam(registry, linear->weight().value.size());
  } else if (const auto* pool = dynamic_cast<const nn::Pool2d*>(&layer)) {
    add_pool2d(registry, x, pool->options(), pool->spec().kind == "MaxPool2d");
  } else if (dynamic_cast<const nn::BatchNorm*>(&layer) != nullptr) {
    add_batch_norm(registry, x);
  } else if (const std::string kind = layer.spec().kind; kind == "ReLU" || kind == "Sigmoid") {
    add_activation(registry, x, kind == "ReLU");
  }
}

void run(const Options& o) {
  if (o.threads > 0) set_thread_count(o.threads);
  Registry registry(o);
  for (const bench::Network& network : bench::find_networks(o.nets)) {
    Rng rng(0);
    const nn::Sequential model = network.make(1, 10, rng);
    std::vector<nn::LeafFlow> leaves;
    nn::trace(model, {network.batch_shape(o.batch_size)}, &leaves);
    for (const nn::LeafFlow& leaf : leaves) add_layer(registry, *leaf.module, leaf.x.shape);
  }
  std::vector<std::string> arguments{"ops"};
  if (!o.filter.empty()) arguments.push_back("--benchmark_filter=" + o.filter);
  if (!o.json.empty())
    arguments.insert(arguments.end(), {"--benchmark_out=" + o.json, "--benchmark_out_format=json"});
  if (o.list) arguments.push_back("--benchmark_list_tests=true");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
  const nlohmann::ordered_json about = bench::machine();
  for (const auto& [name, value] : about.items())
    benchmark::AddCustomContext(name, value.is_string() ? value.get<std::string>() : value.dump());
  CNN_CHECK(benchmark::RunSpecifiedBenchmarks() > 0, UsageError,
            "[ops] no benchmark has a name that fits --filter; --list shows the names");
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Every operation of the networks' layers on every rung, measured by Google Benchmark",
               "./cnn bench ops");
  app.option_defaults()->take_last();
  bench::add_threads_option(app, o.threads);
  app.add_option("--backend", o.backend, "only this rung [all]")->type_name("NAME");
  app.add_option("--simd", o.simd, "only this instruction set of the rung simd [all]")->type_name("NAME");
  app.add_option("--net", o.nets, "only the layers of these networks [all eight]")
      ->take_all()
      ->type_name("NAME");
  app.add_option("--batch-size", o.batch_size, "images [16]")
      ->check(bench::between(1, 1 << 20))
      ->type_name("N");
  app.add_option("--filter", o.filter,
                 "only names in which this regular expression is found, such as conv2d/forward")
      ->type_name("REGEX");
  app.add_option("--seconds", o.seconds, "measure each for at least X seconds [0.2]")
      ->check(bench::between(0.001, 3600.0))
      ->type_name("X");
  app.add_option("--json", o.json, "write the results as JSON, too")->type_name("FILE");
  app.add_flag("--list", o.list, "only print the names");
  return bench::run_program(app, argc, argv, [&] { run(o); });
}

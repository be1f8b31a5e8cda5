// SPDX-License-Identifier: MIT

// Runs kernels of the ladder in emulation, counts what they ask of the memory, and writes it as JSON for model.py.

#include <cstdio>
#include <emulation/counts.hpp>
#include <functional>
#include <string>
#include <vector>

#include "common/backend/backend.hpp"
#include "common/backend/kernel_choice.hpp"
#include "common/core/device_memory.hpp"
#include "common/core/random.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/linear.hpp"

namespace {

using namespace cnn;

/// Each product has 128 rows, 128 columns and 128 products for an element: a tile of the upper rungs.
constexpr Index size = 128;
constexpr long warp_multiplications = long{size} * size * size / 32;

/// A product of a layer, by a kernel of the ladder.
struct Case {
  const char *kernel, *pass;
  std::function<void()> work;
};

Tensor random(const Shape& shape) {
  Tensor x = Tensor::empty(shape);
  Rng(1).fill_uniform(x.values(), -1, 1);
  return x.to(default_device());
}

std::vector<Case> cases() {
  const Tensor a = random({size, size}), b = random({size, size});
  const auto linear = [=] { ops::linear(a, b, nullptr); };
  const auto linear_input = [=] { ops::linear_backward_input(a, b); };
  const auto linear_weight = [=] {
    Tensor grad = b.clone();
    ops::linear_backward_weight_into(grad, nullptr, a, b);
  };
  // 8 images of 4 x 4 output pixels; 32 channels with kernels of 2 x 2 are 128 taps.
  const Tensor x = random({8, 32, 5, 5}), kernels = random({size, 32, 2, 2}),
               grad_y = random({8, size, 4, 4});
  const Tensor grad = random({8, 32, 3, 3}), kernels_back = random({32, size, 2, 2});
  const auto convolution = [=] { ops::conv2d(x, kernels, nullptr); };
  const auto convolution_input = [=] { ops::conv2d_backward_input(grad, {8, size, 4, 4}, kernels_back); };
  const auto convolution_weight = [=] {
    Tensor sums = kernels.clone();
    ops::conv2d_backward_weight_into(sums, nullptr, grad_y, x);
  };
  return {{"naive", "linear", linear},
          {"naive", "linear input", linear_input},
          {"tiled", "linear input", linear_input},
          {"registers", "linear input", linear_input},
          {"vectors", "linear input", linear_input},
          {"async", "linear input", linear_input},
          {"vectors", "linear", linear},
          {"vectors", "linear weight", linear_weight},
          {"vectors", "convolution", convolution},
          {"vectors", "convolution input", convolution_input},
          {"vectors", "convolution weight", convolution_weight}};
}

void print(const char* name, const emulation::GlobalCounts& c) {
  std::printf(", \"%s\": {\"requests\": %ld, \"lines\": %ld, \"sectors\": %ld, \"ideal\": %ld}", name,
              c.requests, c.lines, c.sectors, c.ideal);
}

void print(const char* name, const emulation::SharedCounts& c) {
  std::printf(", \"%s\": {\"requests\": %ld, \"words\": %ld, \"wavefronts\": %ld, \"ideal\": %ld}", name,
              c.requests, c.words, c.wavefronts, c.ideal);
}

}  // namespace

int main() {
  use_backend("cuda");
  const std::vector<Case> all = cases();
  std::printf("[");
  for (const Case& one : all) {
    use_cuda_kernel(one.kernel);
    device_memory::synchronize(0);
    emulation::reset_counts();
    one.work();
    device_memory::synchronize(0);
    const emulation::KernelCounts c = emulation::counts_of(std::string("multiply_") + one.kernel);
    std::printf("%s{\"kernel\": \"%s\", \"pass\": \"%s\", \"multiplications\": %ld",
                &one == all.data() ? "" : ",\n", one.kernel, one.pass, warp_multiplications);
    std::printf(", \"launches\": %ld, \"threads\": %u, \"shared_bytes\": %zu", c.launches, c.threads,
                c.shared_bytes);
    print("loads", c.loads);
    print("stores", c.stores);
    print("shared_loads", c.shared_loads);
    print("shared_stores", c.shared_stores);
    std::printf("}");
  }
  std::printf("]\n");
}

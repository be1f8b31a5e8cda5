// SPDX-License-Identifier: MIT

// A step of an optimizer, one launch for all parameters of a network: a table of where they are travels with the launch, as an
// argument of the kernel, and each block looks up whose elements it has. The arithmetic is that of the rung `reference`,
// operation by operation, with the same bits.

#include <cmath>

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"

namespace cnn {
namespace cuda {
namespace {

constexpr unsigned threads = 256;
constexpr Index chunk = 4 * threads;  // elements of a block

/// A parameter with what belongs to it; each points to `count` floats.
struct Entry {
  float* value;
  const float* grad;
  float *first, *second;  // velocity, or both moments
  Index count;
  unsigned begin;  // its first block
};

/// Kernels take arguments of 32,764 bytes (CUDA 12.1 and later).
struct Table {
  static constexpr std::size_t capacity = 600;
  Entry entries[capacity];
  unsigned count;

  /// The last entry that begins at or before a block, by bisection.
  __device__ const Entry& of_block(unsigned block) const {
    unsigned low = 0, high = count;
    while (high - low > 1) {
      const unsigned middle = (low + high) / 2;
      (entries[middle].begin <= block ? low : high) = middle;
    }
    return entries[low];
  }
};
static_assert(sizeof(Table) < 32'000);

template <typename Rule>
__global__ void __launch_bounds__(threads) step_kernel(const __grid_constant__ Table table, Rule rule) {
  const Entry& e = table.of_block(blockIdx.x);
  const Index begin = (blockIdx.x - e.begin) * chunk;
  const Index end = min(begin + chunk, e.count);
  for (Index k = begin + threadIdx.x; k < end; k += threads) rule(e, k);
}

/// g = grad + decay value, v = momentum v + g, value -= rate v
struct Sgd {
  float rate, momentum, decay;

  explicit Sgd(const SgdStep& s) : rate(s.learning_rate), momentum(s.momentum), decay(s.weight_decay) {}

  __device__ void operator()(const Entry& e, Index k) const {
    float step = __fadd_rn(e.grad[k], __fmul_rn(decay, e.value[k]));
    if (e.first != nullptr) step = e.first[k] = __fadd_rn(__fmul_rn(momentum, e.first[k]), step);
    e.value[k] = __fsub_rn(e.value[k], __fmul_rn(rate, step));
  }
};

/// g = grad + decay value, m += (1 - beta1) (g - m), v = beta2 v + (1 - beta2) g^2,
/// value -= rate / (1 - beta1^t) m / (sqrt v / sqrt(1 - beta2^t) + epsilon)
struct Adam {
  float decay, keep_square, take_mean, take_square, epsilon, root_correction, step_size;

  explicit Adam(const AdamStep& s)
      : decay(static_cast<float>(s.weight_decay)),
        keep_square(static_cast<float>(s.beta2)),
        take_mean(static_cast<float>(1 - s.beta1)),
        take_square(static_cast<float>(1 - s.beta2)),
        epsilon(static_cast<float>(s.epsilon)) {
    const auto t = static_cast<double>(s.step);
    root_correction = static_cast<float>(std::sqrt(1 - std::pow(s.beta2, t)));
    step_size = static_cast<float>(s.learning_rate / (1 - std::pow(s.beta1, t)));
  }

  __device__ void operator()(const Entry& e, Index k) const {
    const float value = e.value[k], former = e.first[k];
    const float g = __fadd_rn(e.grad[k], __fmul_rn(decay, value));
    const float mean = __fadd_rn(former, __fmul_rn(take_mean, __fsub_rn(g, former)));
    const float square =
        __fadd_rn(__fmul_rn(e.second[k], keep_square), __fmul_rn(__fmul_rn(take_square, g), g));
    const float denominator = __fadd_rn(__fdiv_rn(__fsqrt_rn(square), root_correction), epsilon);
    e.first[k] = mean;
    e.second[k] = square;
    e.value[k] = __fsub_rn(value, __fdiv_rn(__fmul_rn(step_size, mean), denominator));
  }
};

Entry entry(SgdParameter p) {
  return {p.value.data(), p.grad.data(),  p.velocity.defined() ? p.velocity.data() : nullptr,
          nullptr,        p.value.size(), 0};
}

Entry entry(AdamParameter p) {
  return {p.value.data(), p.grad.data(), p.mean.data(), p.mean_square.data(), p.value.size(), 0};
}

template <typename Parameter, typename Rule>
void step(const std::vector<Parameter>& parameters, const Rule& rule) {
  if (parameters.empty()) return;
  const DeviceScope scope(parameters.front().value.device().index);
  for (std::size_t first = 0; first < parameters.size(); first += Table::capacity) {
    Table table{};
    unsigned blocks = 0;
    for (std::size_t k = first; k < std::min(first + Table::capacity, parameters.size()); ++k) {
      Entry e = entry(parameters[k]);
      if (e.count == 0) continue;
      e.begin = blocks;
      blocks += ceil_div(e.count, chunk);
      table.entries[table.count++] = e;
    }
    if (blocks > 0) launch(step_kernel<Rule>, {blocks, threads}, table, rule);
  }
}

}  // namespace
}  // namespace cuda

void CudaBackend::sgd_step(const std::vector<SgdParameter>& parameters, const SgdStep& s) {
  cuda::step(parameters, cuda::Sgd(s));
}

void CudaBackend::adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) {
  cuda::step(parameters, cuda::Adam(s));
}

}  // namespace cnn

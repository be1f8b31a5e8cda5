// SPDX-License-Identifier: MIT
#include "bench/limit.hpp"

#include <algorithm>

#include "bench/measure.hpp"
#include "common/backend/backend.hpp"
#include "common/backend/simd/kernels.hpp"
#include "common/core/threads.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::bench {
namespace {

constexpr Index depth =
    128;  // of the panels: 14 KiB with a tile of 4 x 24, so that they stay in the first cache
constexpr double attempt = 0.004;  // seconds; short, so that some of them are not interrupted
constexpr Effort attempts{.warm_up = 1, .steps = 50, .seconds = 0};

/// Each thread multiplies the same two panels `times` times into a tile of its own.
void multiply(const simd::GemmKernels& gemm, int threads, Index times, const Tensor& a, const Tensor& b,
              Tensor& c) {
  parallel_for(threads, 1, [&](Index first, Index last) {
    for (Index thread = first; thread < last; ++thread) {
      float* const tile = c.data() + thread * c.image_stride();
      for (Index k = 0; k < times; ++k)
        gemm.multiply_tile(tile, gemm.columns, a.data(), b.data(), depth, false);
    }
  });
}

}  // namespace

double measured_limit(const std::string& level, int threads) {
  const std::string former_level = simd_level();
  const int former_threads = thread_count();
  use_simd_level(level);
  set_thread_count(threads);
  const simd::GemmKernels& gemm = simd::kernels().gemm;
  const Tensor a = Tensor::zeros({depth, gemm.rows});
  const Tensor b = Tensor::zeros({depth, gemm.columns});
  Tensor c = Tensor::zeros({threads, gemm.rows + 16, gemm.columns});  // tiles share no line of the cache

  Index times = 1000;
  const double trial = measure({.warm_up = 1, .steps = 3, .seconds = 0}, [&] {
                         multiply(gemm, threads, times, a, b, c);
                       }).fastest;
  times = std::max<Index>(1000, static_cast<Index>(1000 * attempt / trial));
  const double fastest = measure(attempts, [&] { multiply(gemm, threads, times, a, b, c); }).fastest;

  set_thread_count(former_threads);
  use_simd_level(former_level);
  return 2.0 * static_cast<double>(gemm.rows * gemm.columns * depth * times * threads) / fastest;
}

Limits::Limits() {
  for (const std::string& level : simd_level_names()) {
    const double one = measured_limit(level, 1);
    all_.push_back({level, one, thread_count() == 1 ? one : measured_limit(level, thread_count())});
  }
}

void Limits::measure_again(const std::string& level) {
  for (Limit& limit : all_) {
    if (limit.level == level)
      limit.all_threads = std::max(limit.all_threads, measured_limit(level, thread_count()));
  }
}

double Limits::of(const std::string& level) const {
  for (const Limit& limit : all_) {
    if (limit.level == level) return limit.all_threads;
  }
  return all_.back().all_threads;
}

}  // namespace cnn::bench

// SPDX-License-Identifier: MIT

// Softmax and the loss that follows it, one warp a row: lane l has the classes l, l + 32, l + 64 ... Shapes: logits z,
// probabilities p and gradient [n, classes], labels t, losses and correct [n]. The largest score is subtracted first, so that no
// power overflows.

#include <cstdint>

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/quads.hpp"

namespace cnn {
namespace cuda {
namespace {

constexpr unsigned warp_size = 32, warps = 8;  // of a block
constexpr unsigned all_lanes = ~0U;

/// The score that argmax() picks: the largest; of equal ones the first; the first NaN wins over all.
struct Winner {
  float score;
  int index;

  __device__ bool beats(const Winner& other) const {
    const bool nan = score != score, other_nan = other.score != other.score;
    if (nan != other_nan) return nan;
    if (nan || score == other.score) return index < other.index;
    return score > other.score;
  }
};

/// The winner of a row, in every lane.
__device__ Winner winner_of(const float* z, int classes, int lane) {
  Winner best{-INFINITY, classes};  // loses to every score
  for (int j = lane; j < classes; j += static_cast<int>(warp_size)) {
    const Winner other{z[j], j};
    if (other.beats(best)) best = other;
  }
  for (int step = warp_size / 2; step > 0; step /= 2) {
    const Winner other{__shfl_xor_sync(all_lanes, best.score, step),
                       __shfl_xor_sync(all_lanes, best.index, step)};
    if (other.beats(best)) best = other;
  }
  return best;
}

/// sum_j e^(z_j - largest), in every lane: pairs of lanes add the same two numbers, so all get the same bits.
__device__ float sum_of_powers(const float* z, float largest, int classes, int lane) {
  float sum = 0;
  for (int j = lane; j < classes; j += static_cast<int>(warp_size)) sum += expf(z[j] - largest);
  for (int step = warp_size / 2; step > 0; step /= 2) sum += __shfl_xor_sync(all_lanes, sum, step);
  return sum;
}

/// The row of this warp, and the lane of this thread.
__device__ Index row_of_warp() { return Index{blockIdx.x} * warps + threadIdx.x / warp_size; }
__device__ int lane_of_thread() { return static_cast<int>(threadIdx.x % warp_size); }

/// p_j = e^(z_j - max z) / sum_k e^(z_k - max z)
__global__ void __launch_bounds__(warp_size* warps)
    softmax_kernel(float* probabilities, const float* logits, Index rows, int classes) {
  const Index row = row_of_warp();
  if (row >= rows) return;
  const int lane = lane_of_thread();
  const float* const z = logits + row * classes;
  const float largest = winner_of(z, classes, lane).score;
  const float sum = sum_of_powers(z, largest, classes, lane);
  for (int j = lane; j < classes; j += static_cast<int>(warp_size))
    probabilities[row * classes + j] = __fdiv_rn(expf(z[j] - largest), sum);
}

/// What the loss of every row is written to.
struct Losses {
  float* losses;
  std::uint8_t* correct;
  float* grad;   // null if it is not wanted
  float images;  // of the whole batch
};

/// loss = log sum_j e^(z_j - max z) - (z_t - max z), NaN where t is no class; correct = whether argmax z = t;
/// grad_j = (p_j - [j = t]) / images
__global__ void __launch_bounds__(warp_size* warps)
    cross_entropy_kernel(Losses to, const float* logits, const std::int64_t* labels, Index rows,
                         int classes) {
  const Index row = row_of_warp();
  if (row >= rows) return;
  const int lane = lane_of_thread();
  const float* const z = logits + row * classes;
  const std::int64_t label = labels[row];
  const Winner winner = winner_of(z, classes, lane);
  const float sum = sum_of_powers(z, winner.score, classes, lane);
  if (lane == 0) {
    const bool is_class = label >= 0 && label < classes;
    const double own = is_class ? double{z[label]} - double{winner.score} : double{NAN};
    to.losses[row] = static_cast<float>(log(double{sum}) - own);
    to.correct[row] = winner.index == label;
  }
  if (to.grad == nullptr) return;
  for (int j = lane; j < classes; j += static_cast<int>(warp_size)) {
    const float p = __fdiv_rn(expf(z[j] - winner.score), sum);
    to.grad[row * classes + j] = __fdiv_rn(p - (j == label ? 1.0F : 0.0F), to.images);
  }
}

Grid warp_for_each(Index rows) { return {ceil_div<Index>(rows, warps), warp_size * warps}; }

}  // namespace
}  // namespace cuda

using namespace cuda;

void CudaBackend::softmax(Tensor& probabilities, const Tensor& logits) {
  const DeviceScope scope(probabilities.device().index);
  const auto [n, classes] = logits.dims<2>();
  if (n == 0) return;
  launch(softmax_kernel, warp_for_each(n), probabilities.data(), logits.data(), n, to_int32(classes));
}

void CudaBackend::softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits,
                                        const Tensor& logits, const Tensor& labels, Index images) {
  const DeviceScope scope(losses.device().index);
  const auto [n, classes] = logits.dims<2>();
  if (n == 0) return;
  float* const grad = grad_logits == nullptr ? nullptr : grad_logits->data();
  launch(cross_entropy_kernel, warp_for_each(n),
         Losses{losses.data(), correct.pixels(), grad, static_cast<float>(images)}, logits.data(),
         labels.labels(), n, to_int32(classes));
}

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "common/core/shape.hpp"

namespace cnn::simd {

/// Factors of one step of Adam, each rounded once to float, see reference::adam_step().
struct AdamFactors {
  float decay, take_mean, keep_square, take_square, root_correction, epsilon, step_size;
};

/// Functions of `count` numbers, element by element; y may be an input. See elementwise_kernels.hpp.
struct ElementwiseKernels {
  void (*activation[2])(float* y, const float* x, Index count);  // in the order of the enum, as the next
  void (*activation_backward[2])(float* grad_x, const float* grad_y, const float* y, Index count);
  void (*add_scaled[2])(float* y, const float* x, float scale, Index count);  // the second ends with a ReLU
  void (*dropout)(float* y, const float* x, const std::uint8_t* mask, float scale, Index count);
  void (*sgd_step)(float* value, const float* grad, float decay, float rate, Index count);
  void (*momentum_step)(float* value, const float* grad, float* velocity, float decay, float momentum,
                        float rate, Index count);
  void (*adam_step)(float* value, const float* grad, float* mean, float* mean_square, const AdamFactors& f,
                    Index count);
};

/// A batch normalization as the kernels need it, one number a channel: y = (x - mean) * scale + shift.
struct Normalizer {
  const float *mean, *scale, *shift;
};

/// What its backward pass adds, one number a channel: grad_x = (grad_y - mean_grad - (x - mean) * slope) * scale.
struct GradientLine {
  const float *mean_grad, *slope, *scale;
};

/// Batch normalization of the planes of consecutive channels of one image: x[channels, pixels], and one number a channel in
/// all other arrays. Planes of one pixel are computed side by side, larger ones one by one. See batch_norm_kernels.hpp.
///
/// The second of each pair of functions is for a ReLU behind it: it writes max(y, 0), or takes grad_y as 0 where y, which is
/// computed once more, is not above 0.
struct BatchNormKernels {
  /// Adds the sums of x and of its squares.
  void (*add_moments)(double* sum, double* squares, const float* x, Index channels, Index pixels);
  /// y may be x.
  void (*normalize[2])(float* y, const float* x, const Normalizer& norm, Index channels, Index pixels);
  /// Adds the sums of grad_y and of grad_y * (x - mean).
  void (*add_grads[2])(double* sum, double* products, const float* grad_y, const float* x,
                       const Normalizer& norm, Index channels, Index pixels);
  /// grad_x may be grad_y.
  void (*backward[2])(float* grad_x, const float* grad_y, const float* x, const Normalizer& norm,
                      const GradientLine& g, Index channels, Index pixels);
};

/// Sizes of a pooling of one channel, in oneDNN's letters, and how its rows are split, see pool_kernels.hpp.
struct PoolSizes {
  Index ih, iw, oh, ow, kh, kw, sh, sw, ph, pw;
  Index phase;  ///< floats in one part of a split row

  /// \return floats of all split rows
  Index split_size() const { return ih * sw * phase; }
};

/// Pooling of one channel x[ih, iw]. See pool_kernels.hpp.
struct PoolKernels {
  /// y[oh, ow], indices[oh, ow] (unless null) as in Backend::max_pool2d(); split[ih, sw, phase] starts as minus infinity.
  void (*maximum)(float* y, std::int32_t* indices, float* split, const float* x, const PoolSizes& s);
  /// y[oh, ow] as in Backend::avg_pool2d(); split[ih, sw, phase] starts as zeros.
  void (*average)(float* y, float* split, const float* x, const PoolSizes& s);
  /// The mean of x[pixels].
  float (*mean)(const float* x, Index pixels);
};

/// Everything whose arithmetic, exponentials apart, is the reference's, operation by operation: compiled once for each instruction
/// set, but without fused multiply-add, which would round once where the reference rounds twice.
struct UnfusedKernels {
  ElementwiseKernels elementwise;
  BatchNormKernels batch_norm;
  PoolKernels pool;
  /// p[classes] = softmax of z[classes], which may be p. Returns log of the sum of e^z. See softmax_kernels.hpp.
  double (*softmax_row)(float* p, const float* z, Index classes);
};

/// \return the kernels of the instruction set in use, see use_simd_level()
const UnfusedKernels& unfused_kernels();

/// For any CPU of the architecture. \return the kernels
const UnfusedKernels& portable_unfused_kernels();
/// For AVX2. \return the kernels
const UnfusedKernels& avx2_unfused_kernels();
/// For AVX-512 (F, CD, DQ, BW, VL). \return the kernels
const UnfusedKernels& avx512_unfused_kernels();

}  // namespace cnn::simd

// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime.h>

#include "common/backend/cuda/divisor.hpp"
#include "common/backend/operation.hpp"

namespace cnn::cuda {

/// What a kernel does to a sum before it writes it, see cnn::Epilogue.
struct Finish {
  const float* bias = nullptr;      ///< of each channel; null for none
  const float* scale = nullptr;     ///< of each channel; null for none
  const float* shift = nullptr;     ///< of each channel
  const float* residual = nullptr;  ///< first element of what is added; null for nothing
  Index residual_stride = 0;        ///< elements from one image of it to the next
  bool relu = false;                ///< whether max(y, 0) is written

  Finish() = default;
  /// \param w  bias and epilogue of a layer
  explicit Finish(const ConvWeights& w)
      : bias(w.bias == nullptr ? nullptr : w.bias->data()), relu(w.epilogue.relu) {
    if (const ChannelLine* const line = w.epilogue.line) {
      scale = line->scale.data();
      shift = line->shift.data();
    }
    if (const Tensor* const added = w.epilogue.residual) {
      residual = added->data();
      residual_stride = added->image_stride();
    }
  }

  /// \param sum      of products
  /// \param channel  of the output
  /// \param image    of the batch
  /// \param place    number of the element in the image
  /// \return         what is written
  __device__ float operator()(float sum, int channel, int image, int place) const {
    if (bias != nullptr) sum += bias[channel];
    if (scale != nullptr) sum = scale[channel] * sum + shift[channel];
    if (residual != nullptr) sum += residual[image * residual_stride + place];
    return relu && sum < 0 ? 0.0F : sum;
  }
};

/// Images as a result: row m is a channel, column n a pixel of the batch.
struct ImageResult {
  float* y;            ///< first element
  Index image_stride;  ///< elements from one image to the next
  int pixels;          ///< of a channel
  Divisor by_pixels;   ///< the same
  Finish finish;       ///< what happens to a sum
  bool adds;           ///< whether y is added to
  bool quads;

  __device__ void write(int, int m, int n, float sum) const {
    const int image = by_pixels.quotient(n), place = m * pixels + by_pixels.rest(n, image);
    float& to = y[image * image_stride + place];
    const float finished = finish(sum, m, image, place);
    to = adds ? to + finished : finished;
  }
  __device__ void write4(int, int m, int n, float4 sums) const {
    const int image = by_pixels.quotient(n), place = m * pixels + by_pixels.rest(n, image);
    float4* const to = reinterpret_cast<float4*>(y + image * image_stride + place);
    float4 all{finish(sums.x, m, image, place), finish(sums.y, m, image, place + 1),
               finish(sums.z, m, image, place + 2), finish(sums.w, m, image, place + 3)};
    if (adds) {
      const float4 old = *to;
      all = {old.x + all.x, old.y + all.y, old.z + all.z, old.w + all.w};
    }
    *to = all;
  }
};

/// Rows of features as a result: row m is an image, column n a feature.
struct RowResult {
  float* y;       ///< first element
  int features;   ///< of a row
  Finish finish;  ///< what happens to a sum
  bool quads;

  __device__ void write(int, int m, int n, float sum) const {
    y[Index{m} * features + n] = finish(sum, n, m, n);
  }
  __device__ void write4(int, int m, int n, float4 sums) const {
    const float4 all{finish(sums.x, n, m, n), finish(sums.y, n + 1, m, n + 1),
                     finish(sums.z, n + 2, m, n + 2), finish(sums.w, n + 3, m, n + 3)};
    *reinterpret_cast<float4*>(y + Index{m} * features + n) = all;
  }
};

}  // namespace cnn::cuda

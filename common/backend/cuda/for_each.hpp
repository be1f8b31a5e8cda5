// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/backend/cuda/launch.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::cuda {

/// A tensor as kernels see it: element k of image n is data[n * stride + k], also where images lie apart.
template <typename T>
struct Images {
  T* data;       ///< first element
  Index stride;  ///< elements from one image to the next

  /// \param n  an image
  /// \param k  an element of it
  /// \return   the element
  __device__ T& operator()(Index n, Index k) const { return data[n * stride + k]; }
};

/// \param x  a float32 tensor
/// \return   what kernels write to it through
inline Images<float> images(Tensor& x) { return {x.data(), x.image_stride()}; }
/// \param x  a float32 tensor
/// \return   what kernels read it through
inline Images<const float> images(const Tensor& x) { return {x.data(), x.image_stride()}; }

/// Calls f(n, k) with one thread for every k, which goes through the images n of its grid row.
template <typename F>
__global__ void for_each_kernel(F f, Index images, Index length) {
  const Index k = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (k >= length) return;
  for (Index n = blockIdx.y; n < images; n += gridDim.y) f(n, k);
}

/// Calls f(n, k) on the device for all images n and the elements k of each; neighbouring threads have neighbouring elements, so
/// that a warp reads whole sectors of memory.
/// \param images  how many
/// \param length  elements of an image
/// \param f       a struct with a device function f(n, k)
template <typename F>
void for_each(Index images, Index length, const F& f) {
  constexpr unsigned threads = 256;
  constexpr Index most_rows = 65535;  // of a grid
  if (images == 0 || length == 0) return;
  const auto rows = static_cast<unsigned>(std::min(images, most_rows));
  launch(for_each_kernel<F>, {{ceil_div<Index>(length, threads), rows}, threads}, f, images, length);
}

/// Calls f(n, k) on the device for all elements of tensors of one shape. Dense ones are a single long image.
/// \param f     a struct with a device function f(n, k)
/// \param x,xs  the tensors
template <typename F, typename... Tensors>
void for_each_element(const F& f, const Tensor& x, const Tensors&... xs) {
  if (x.size() == 0) return;
  const Index images = (x.is_dense() && ... && xs.is_dense()) ? 1 : x.shape()[0];
  for_each(images, x.size() / images, f);
}

/// \param x  a number
/// \return   max(x, 0); NaN stays NaN
__device__ inline float relu(float x) { return x < 0 ? 0.0F : x; }

}  // namespace cnn::cuda

// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include "common/tensor/tensor.hpp"

/// The lowest rung: each operation as the loops that define it, in any scalar type, so that gradients can be checked in double.
namespace cnn::reference {

/// Raw memory read as [n, c, h, w]: images, or a bank of kernels [oc, ic, kh, kw].
template <typename T>
struct Array4 {
  T* data;             ///< first element
  Index n, c, h, w;    ///< sizes of the axes
  Index image_stride;  ///< elements from one image to the next, c h w unless this is a range of channels

  /// \param image    first index
  /// \param channel  second index
  /// \param row      third index
  /// \param column   fourth index
  /// \return         the element there
  T& operator()(Index image, Index channel, Index row, Index column) const {
    return data[image * image_stride + (channel * h + row) * w + column];
  }
  /// \param row     row of a pixel
  /// \param column  column of a pixel
  /// \return        false if the pixel lies in the padding
  bool has(Index row, Index column) const { return row >= 0 && row < h && column >= 0 && column < w; }
};

/// \param data  first of n c h w elements without gaps
/// \param n     first size
/// \param c     second size
/// \param h     third size
/// \param w     fourth size
/// \return      the memory with its sizes
template <typename T>
Array4<T> array4(T* data, Index n, Index c, Index h, Index w) {
  return {data, n, c, h, w, c * h * w};
}

/// \param x  a float32 tensor of four axes
/// \return   its memory with its sizes
inline Array4<float> array4(Tensor& x) {
  const auto [n, c, h, w] = x.dims<4>();
  return {x.data(), n, c, h, w, x.image_stride()};
}

/// \param x  a float32 tensor of four axes
/// \return   its memory with its sizes, for reading
inline Array4<const float> array4(const Tensor& x) {
  const auto [n, c, h, w] = x.dims<4>();
  return {x.data(), n, c, h, w, x.image_stride()};
}

}  // namespace cnn::reference

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "common/core/threads.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn {

/// Elements that follow each other in memory, in each of several tensors of one shape.
struct Elements {
  Index image;  ///< 0 where the tensors are dense
  Index first;  ///< of that image
  Index count;  ///< how many

  /// \param x  a tensor
  /// \return   where they begin in it, in elements
  Index offset(const Tensor& x) const { return image * x.image_stride() + first; }
  /// \param x  a float32 tensor
  /// \return   the first one
  float* of(Tensor& x) const { return x.data() + offset(x); }
  /// \param x  a float32 tensor
  /// \return   the first one
  const float* of(const Tensor& x) const { return x.data() + offset(x); }
};

/// Cuts host tensors of one shape into elements that follow each other and hands them out, on all threads: all of the tensors if
/// they are dense; else, in ranges of channels, those of each image.
/// \param grain  most elements at a time
/// \param work   called with Elements
/// \param x,xs   the tensors
template <typename Work, typename... Tensors>
void for_elements(Index grain, const Work& work, const Tensor& x, const Tensors&... xs) {
  if (x.size() == 0) return;
  const Index images = (x.is_dense() && ... && xs.is_dense()) ? 1 : x.shape()[0];
  const Index length = x.size() / images;
  const Index pieces = (length + grain - 1) / grain;  // of an image
  parallel_for(images * pieces, std::max<Index>(grain / length, 1), [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      const Index first = k % pieces * grain;
      work(Elements{k / pieces, first, std::min(grain, length - first)});
    }
  });
}

}  // namespace cnn

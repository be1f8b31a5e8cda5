// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "common/backend/backend.hpp"
#include "common/core/threads.hpp"

namespace cnn::ops::detail {

/// Has a backend do something to each element of tensors of the same shape: to all at once if every tensor is dense, else
/// image by image. In a range of channels, too, the elements of one image follow each other.
/// \param rung  the backend
/// \param work  function of the rung, `&Backend::relu`; it gets the tensors in the order given here
/// \param y     the one that is written to
/// \param xs    the others
template <typename Work, typename... Tensors>
void by_image(Backend& rung, const Work& work, Tensor& y, const Tensors&... xs) {
  if ((y.is_dense() && ... && xs.is_dense())) return std::invoke(work, rung, y, xs...);
  constexpr Index values_per_piece = 32768;
  const Index n = y.shape()[0];
  const bool host = y.device().type == DeviceType::cpu;
  parallel_for(n, host ? values_per_piece / (y.size() / n + 1) + 1 : n, [&](Index first, Index last) {
    for (Index image = first; image < last; ++image) {
      Tensor part = y.rows(image, 1);
      std::invoke(work, rung, part, xs.rows(image, 1)...);
    }
  });
}

}  // namespace cnn::ops::detail

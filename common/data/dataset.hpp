// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "common/tensor/tensor.hpp"

namespace cnn::data {

/// Grey images with one label each, in host memory. A copy shares the pixels.
struct Dataset {
  Tensor images;  ///< u8, [n, h, w], 0 is black
  Tensor labels;  ///< i64, [n], classes from 0

  /// \return number of images
  Index size() const { return labels.size(); }

  /// \param count  how many images
  /// \return       the first `count` images, or all if there are fewer; no copy
  /// \throws UsageError  count is negative
  Dataset first(Index count) const;
};

/// Makes images that a network can learn in seconds and that are the same on every machine: each class has its own
/// pattern of bright and dark squares, to which `seed` adds noise. Image i is of class i mod `classes`. The patterns do
/// not depend on the seed, so one seed gives a training set and another a test set for it.
/// \param count    number of images
/// \param side     height and width, in pixels
/// \param classes  number of classes
/// \param seed     of the noise; a generator of its own, so that nothing else is disturbed
/// \return         the images
/// \throws UsageError  a number is below 1
Dataset synthetic(Index count, Index side, Index classes, std::uint64_t seed);

}  // namespace cnn::data

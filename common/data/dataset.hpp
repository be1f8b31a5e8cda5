// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace cnn::data {

/// Images with one label each, in host memory. A copy shares the pixels.
struct Dataset {
  Tensor images;  ///< u8, [n, h, w] grey, or [n, 3, h, w] red, green, blue; 0 is black
  Tensor labels;  ///< i64, [n], classes from 0

  /// \return number of images
  Index size() const { return labels.size(); }
  /// \return 1 for grey, 3 for coloured images
  Index channels() const { return images.rank() == 4 ? images.shape()[1] : 1; }

  /// \param count  how many images
  /// \return       the first `count` images, or all if there are fewer; no copy
  /// \throws UsageError  count is negative
  Dataset first(Index count) const;
};

/// What a network learns from, what it is measured on, and what it tells apart.
struct ImageSet {
  Dataset train{};                         ///< to learn from
  Dataset test{};                          ///< to measure on
  Index channels = 1;                      ///< of the images: 1 for grey, 3 for coloured
  std::vector<std::string> class_names{};  ///< in the order of the labels

  /// \return number of classes
  Index classes() const { return static_cast<Index>(class_names.size()); }
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

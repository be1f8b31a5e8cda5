// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/01_conv_layer/library.hpp"

namespace cnn::conv_layer {

// A matrix of numbers from N(0, 1).
inline Matrix random_matrix(std::size_t h, std::size_t w, Rng& rng) {
  Matrix a({h, w});
  rng.fill_normal({a.data(), a.size()}, 0, 1);
  return a;
}

// Sizes of an image and a kernel.
struct Sizes {
  std::size_t h, w, kh, kw;
};

inline std::ostream& operator<<(std::ostream& out, const Sizes& s) {
  return out << "image " << s.h << 'x' << s.w << ", kernel " << s.kh << 'x' << s.kw;
}

// One pixel, one row, one column, square, wide, tall, odd and even kernels, kernel as large as the image.
inline const std::vector<Sizes> all_sizes{{1, 1, 1, 1}, {5, 5, 1, 1}, {1, 7, 1, 3}, {7, 1, 3, 1},
                                          {4, 4, 4, 4}, {6, 8, 1, 2}, {6, 8, 2, 1}, {9, 4, 5, 2},
                                          {5, 9, 2, 5}, {7, 7, 3, 3}};

}  // namespace cnn::conv_layer

// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>
#include <vector>

#include "chapters/03_channels/library.hpp"

namespace cnn::channels {

// An image of the book and its kernels.
inline const Image book_x{{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}, {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}};
inline const Image book_k{{{0, 1}, {2, 3}}, {{1, 2}, {3, 4}}};
inline Kernels book_kernels() { return xt::stack(xt::xtuple(book_k, book_k + 1.0F, book_k + 2.0F)); }

// Channels in and out, sizes of an image and of its kernels.
struct Case {
  std::size_t ic, oc, h, w, kh, kw;
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.ic << " to " << c.oc << " channels, image " << c.h << 'x' << c.w << ", kernel " << c.kh
             << 'x' << c.kw;
}

// One channel in or out, more in than out and the reverse, one pixel, one row, kernel as large as the image, odd and even.
inline const std::vector<Case> all_cases{
    {1, 1, 1, 1, 1, 1}, {1, 1, 5, 4, 2, 3}, {1, 4, 6, 6, 3, 3}, {5, 1, 4, 7, 3, 2}, {2, 3, 3, 3, 3, 3},
    {3, 2, 1, 8, 1, 5}, {4, 6, 7, 5, 2, 2}, {6, 4, 5, 9, 5, 4}, {3, 3, 8, 8, 1, 1}, {7, 5, 4, 3, 1, 1}};

// Numbers from N(0, 1).
template <typename Array>
Array normal_array(const typename Array::shape_type& shape, Rng& rng) {
  Array array(shape);
  rng.fill_normal({array.data(), array.size()}, 0, 1);
  return array;
}

template <typename A, typename B>
float distance(const A& a, const B& b) {
  return xt::amax(xt::abs(a - b))();
}

}  // namespace cnn::channels

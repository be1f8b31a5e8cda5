// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>
#include <vector>

#include "chapters/04_pooling/library.hpp"

namespace cnn::pooling {

// A number of channels, the size of an image, and how it is pooled.
struct Case {
  std::size_t c, h, w;
  Window window;
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.c << " channels, image " << c.h << 'x' << c.w << ", window " << to_string(c.window.size)
             << ", stride " << to_string(c.window.stride) << ", padding " << to_string(c.window.padding);
}

// One pixel, one row, window as large as the image, overlapping and distant windows, windows half in the border, rests.
inline const std::vector<Case> all_cases{
    {1, 1, 1, {.size = 1}},
    {2, 1, 7, {.size = {1, 3}, .stride = {1, 2}}},
    {1, 4, 4, {.size = 4}},
    {3, 6, 6, {.size = 2}},
    {2, 5, 7, {.size = 3, .stride = 1}},
    {2, 5, 7, {.size = 3, .stride = 2, .padding = 1}},
    {1, 4, 4, {.size = {2, 4}, .stride = {2, 3}, .padding = {1, 2}}},
    {2, 9, 8, {.size = 2, .stride = 5}},
    {1, 3, 3, {.size = 4, .stride = 1, .padding = 2}},
    {4, 7, 6, {.size = {3, 2}, .stride = {2, 1}, .padding = {0, 1}}},
};

// Numbers from N(0, 1).
inline Image normal_image(const Image::shape_type& shape, Rng& rng) {
  Image image(shape);
  rng.fill_normal({image.data(), image.size()}, 0, 1);
  return image;
}

// The whole numbers from 0 on, shuffled: no two pixels are equal, and none is close to another.
inline Image distinct_image(const Image::shape_type& shape, Rng& rng) {
  Image image(shape);
  const std::vector<Index> order = shuffled_order(rng, static_cast<Index>(image.size()));
  for (std::size_t e = 0; e < image.size(); ++e) image.data()[e] = static_cast<float>(order[e]);
  return image;
}

inline Plane channel(const Image& image, std::size_t c) { return xt::view(image, c); }

template <typename A, typename B>
float distance(const A& a, const B& b) {
  return xt::amax(xt::abs(a - b))();
}

}  // namespace cnn::pooling

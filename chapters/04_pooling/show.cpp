// SPDX-License-Identifier: MIT
#include "chapters/04_pooling/show.hpp"

#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <string>

namespace cnn::pooling {
namespace {

template <typename Array>
float largest_difference(const Array& a, const Array& b) {
  return xt::amax(xt::abs(a - b))();
}

std::string first_row(const Plane& x) {
  const Plane row = xt::view(x, xt::range(0, 1));
  return fmt::format("{:>2}", fmt::join(row.begin(), row.end(), " "));
}

}  // namespace

void heading(std::string_view text) {
  static bool first = true;
  fmt::print("{}{}\n{:=<{}}\n", first ? "" : "\n", text, "", text.size());
  first = false;
}

void show(std::string_view name, const Plane& values) {
  fmt::print("{} =\n{}\n", name, fmt::streamed(values));
}

void show(std::string_view name, const Plane& ours, const Image& library) {
  show(name, ours);
  fmt::print("largest difference from the library: {:.1e}\n",
             largest_difference(one_channel(ours), library));
}

void show_pooling(const Image& x, const Window& window, Mode mode) {
  const Image y = pool2d(x, window, mode);
  fmt::print("{}, window {}, padding {}, stride {} =\n{}\n",
             mode == Mode::max ? "maximum" : "average", to_string(window.size),
             to_string(window.padding), to_string(window.stride), fmt::streamed(y));
  fmt::print("largest difference from the library: {:.1e}\n",
             largest_difference(y, library_pool2d(x, window, mode)));
}

void show(std::string_view name, const Plane& ours, const Image& library,
          const Plane& measured) {
  show(name, ours, library);
  fmt::print("largest difference from central differences: {:.1e}\n",
             largest_difference(ours, measured));
}

void show_rows(int shift, const Plane& edges, const Plane& close,
               const Plane& apart) {
  fmt::print("moved by {:>2}: edges {}   stride 1 {}   stride 2 {}\n", shift,
             first_row(edges), first_row(close), first_row(apart));
}

}  // namespace cnn::pooling

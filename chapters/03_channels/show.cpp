// SPDX-License-Identifier: MIT
#include "chapters/03_channels/show.hpp"

#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <cmath>
#include <string>

namespace cnn::channels {
namespace {

template <typename Array>
float largest_difference(const Array& a, const Array& b) {
  return xt::amax(xt::abs(a - b))();
}

template <typename Array>
std::string shape_text(const Array& array) {
  return fmt::format("[{}]", fmt::join(array.shape(), ", "));
}

}  // namespace

void heading(std::string_view text) {
  static bool first = true;
  fmt::print("{}{}\n{:=<{}}\n", first ? "" : "\n", text, "", text.size());
  first = false;
}

void show(std::string_view name, const Image& values) {
  fmt::print("{} =\n{}\n", name, fmt::streamed(values));
}

void show(std::string_view name, const Image& ours, const Image& library) {
  show(name, ours);
  fmt::print("largest difference from ops::conv2d: {:.1e}\n",
             largest_difference(ours, library));
}

void show_shape(std::string_view name, const Kernels& kernels) {
  fmt::print("shape of {}: {}\n", name, shape_text(kernels));
}

void show_equal(std::string_view name, const Image& a, const Image& b) {
  const float norm = std::sqrt(xt::sum(xt::square(a - b))());
  fmt::print("norm of {} < 1e-6: {}\n", name, norm < 1e-6F ? "True" : "False");
}

void show(const Grads& ours, const Grads& library, const Grads& measured) {
  fmt::print("dL/dk =\n{}\ndL/dx =\n{}\n", fmt::streamed(ours.k),
             fmt::streamed(ours.x));
  fmt::print(
      "largest difference from ops::conv2d_backward: {:.1e} (k), {:.1e} (x)\n",
      largest_difference(ours.k, library.k), largest_difference(ours.x, library.x));
  fmt::print(
      "largest difference from central differences: {:.1e} (k), {:.1e} (x)\n",
      largest_difference(ours.k, measured.k),
      largest_difference(ours.x, measured.x));
}

void show_cost_header() {
  fmt::print("{:<16}{:<14}{:>10}{:>12}{:>12}\n", "kernels", "image", "parameters",
             "MACs", "by formula");
}

void show_cost(const Image& x, const Kernels& k) {
  const Cost counted = cost_by_counting(x, k);
  const Cost formula = cost_by_formula(x, k);
  fmt::print("{:<16}{:<14}{:>10}{:>12}{:>12}\n", shape_text(k), shape_text(x),
             counted.parameters, counted.macs, formula.macs);
}

}  // namespace cnn::channels

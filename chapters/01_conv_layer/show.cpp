// SPDX-License-Identifier: MIT
#include "chapters/01_conv_layer/show.hpp"

#include <fmt/ostream.h>

namespace cnn::conv_layer {
namespace {

void print_difference(float difference) {
  fmt::print("largest difference from ops::conv2d: {:.1e}\n", difference);
}

}  // namespace

void heading(std::string_view text) {
  static bool first = true;
  fmt::print("{}{}\n{:=<{}}\n", first ? "" : "\n", text, "", text.size());
  first = false;
}

void show(std::string_view name, const Matrix& values) {
  fmt::print("{} =\n{}\n", name, fmt::streamed(values));
}

void show(std::string_view name, const Matrix& ours, const Matrix& library) {
  show(name, ours);
  print_difference(largest_difference(ours, library));
}

void show(const Gradients& ours, const Gradients& library,
          const Gradients& measured) {
  show("dL/dk", ours.weight);
  fmt::print("dL/db = {}\n", ours.bias);
  show("dL/dx", ours.x);
  fmt::print("largest difference from ops::conv2d_backward: {:.1e}\n",
             largest_difference(ours, library));
  fmt::print("largest difference from central differences: {:.1e}\n",
             largest_difference(ours, measured));
}

void show(const std::vector<LearningStep>& ours,
          const std::vector<LearningStep>& library) {
  for (std::size_t step = 5; step <= ours.size(); step += 5) {
    fmt::print("Step {}, loss {:.3f}\n", step, ours[step - 1].loss);
  }
  const LearningStep& last = ours.back();
  fmt::print("weight: [{:.4f}, {:.4f}]  bias: {:.4f}\n", last.weight(0, 0),
             last.weight(0, 1), last.bias);
  print_difference(largest_difference(ours, library));
}

}  // namespace cnn::conv_layer

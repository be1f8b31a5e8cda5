// SPDX-License-Identifier: MIT
#include "chapters/02_padding_stride/show.hpp"

using namespace cnn;
using namespace cnn::padding_stride;

const Matrix small_image{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
const Matrix small_kernel{{0, 1}, {2, 3}};

void pad_with_zeros() {
  heading("Padding: a border of zeros keeps the edges of the image");
  const Layer layer{small_kernel, 0, {.stride = 1, .padding = 1}};
  show("x", small_image);
  show("pad(x)", pad(small_image, {1, 1, 1, 1}));
  show("k", small_kernel);
  show("corr2d(x, k), padding 1", comp_conv2d(layer, small_image),
       library_conv2d(layer, small_image));
}

void take_larger_steps() {
  heading("Stride: three rows down, two columns to the right");
  const Layer layer{small_kernel, 0, {.stride = {3, 2}, .padding = 1}};
  show("corr2d(x, k), padding 1, stride 3x2", comp_conv2d(layer, small_image),
       library_conv2d(layer, small_image));
}

void compare_configurations(Rng& rng) {
  heading("Four layers on an image of 8 x 8 pixels");
  const Layer first = make_layer(3, {.stride = 1, .padding = 1}, rng);
  const Matrix x = random_image(8, rng);
  show_shapes(first, x);
  show_shapes(make_layer({5, 3}, {.stride = 1, .padding = {2, 1}}, rng), x);
  show_shapes(make_layer(3, {.stride = 2, .padding = 1}, rng), x);
  show_shapes(make_layer({3, 5}, {.stride = {3, 4}, .padding = {0, 1}}, rng), x);
}

void compute_sizes() {
  heading("The formula, with padding counted on each side and in all");
  show_formula(3, 1, 1);
  show_formula(5, 2, 1);
  show_formula(3, 1, 2);
  show_formula(3, 0, 3);
  show_formula(5, 1, 4);
}

void keep_the_size(Rng& rng) {
  heading("The padding that keeps the size, for odd and even kernels");
  const Matrix x = random_image(8, rng);
  for (Index k = 1; k <= 5; ++k) show_same_padding(k, x);
}

void run_section(Experiments& section) {
  pad_with_zeros();
  take_larger_steps();
  compare_configurations(section.rng());
  compute_sizes();
  keep_the_size(section.rng());
}

int main(int argc, char** argv) {
  return run_experiments(
      argc, argv,
      {"5.2", "padding_stride", "02_padding_stride", "Padding and stride"},
      run_section);
}

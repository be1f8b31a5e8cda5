// SPDX-License-Identifier: MIT
#include "chapters/01_conv_layer/gradient_check.hpp"
#include "chapters/01_conv_layer/pictures.hpp"
#include "chapters/01_conv_layer/receptive_field.hpp"
#include "chapters/01_conv_layer/show.hpp"

using namespace cnn;
using namespace cnn::conv_layer;

void cross_correlate_and_convolve(const Matrix& x, const Matrix& k) {
  heading("Cross-correlation");
  show("x", x);
  show("k", k);
  show("corr2d(x, k)", corr2d(x, k), library_corr2d(x, k));
  heading("True convolution: the same with the kernel flipped");
  show("flipped(k)", flipped(k));
  show("convolve2d(x, k)", convolve2d(x, k), library_corr2d(x, flipped(k)));
}

void backward_pass(const Matrix& x, const Matrix& k, const Matrix& grad_y) {
  heading("Backward: the loss is y00 + 2 y01 + 3 y10 + 4 y11");
  Conv2D conv(k, 0);
  conv.forward(x);
  const Gradients ours{conv.backward(grad_y), conv.grad_weight(), conv.grad_bias()};
  show(ours, library_backward(grad_y, x, k), central_differences(grad_y, x, k));
}

void detect_edges(const Matrix& image, const Matrix& k) {
  heading("Edges of an image");
  show("image", image);
  show("corr2d(image, {{1, -1}})", corr2d(image, k), library_corr2d(image, k));
  const Matrix image_t = transposed(image);
  show("corr2d(transposed(image), {{1, -1}})", corr2d(image_t, k),
       library_corr2d(image_t, k));
}

auto learn_the_kernel(const Matrix& image, const Matrix& edges, Rng& rng) {
  heading("Learning the kernel from the image and its edges");
  Conv2D layer(1, 2, rng);
  const auto library = library_learn_kernel(layer, image, edges, 20, 0.01F);
  const auto ours = learn_kernel(layer, image, edges, 20, 0.01F);
  show(ours, library);
  return ours;
}

void look_back_through_two_layers(const Matrix& k) {
  heading("Receptive field: how far y(1, 1) moves when a pixel rises by one");
  const auto one_layer = [&](const Matrix& x) { return corr2d(x, k); };
  const auto two_layers = [&](const Matrix& x) { return corr2d(corr2d(x, k), k); };
  const auto two_of_library = [&](const Matrix& x) {
    return library_corr2d(library_corr2d(x, k), k);
  };
  show("one layer, kernel {{1, 2}, {3, 4}}", influence_on(one_layer, 5, 5, 1, 1));
  show("two layers", influence_on(two_layers, 5, 5, 1, 1),
       influence_on(two_of_library, 5, 5, 1, 1));
}

void run_section(Experiments& section) {
  const Matrix x{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  const Matrix k{{0, 1}, {2, 3}};
  cross_correlate_and_convolve(x, k);
  backward_pass(x, k, {{1, 2}, {3, 4}});

  const Matrix image = edge_image();
  const Matrix edge{{1, -1}};
  detect_edges(image, edge);
  const auto course = learn_the_kernel(image, corr2d(image, edge), section.rng());
  look_back_through_two_layers({{1, 2}, {3, 4}});

  draw_edge_image(section.file("edges.png"));
  draw_learning(section.file("learning.png"), course);
  draw_garment(section.file("garment.png"), section.data_folder());
}

int main(int argc, char** argv) {
  return run_experiments(
      argc, argv,
      {"5.1", "conv_layer", "01_conv_layer", "Two-dimensional convolutional layer"},
      run_section);
}

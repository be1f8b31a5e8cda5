// SPDX-License-Identifier: MIT
#include <fmt/ostream.h>

#include "chapters/03_channels/cost.hpp"
#include "chapters/03_channels/library.hpp"

using namespace cnn;
using namespace cnn::channels;

void several_input_channels(const Image& x, const Image& k) {
  const Plane y = corr2d_multi_in(x, k);
  const Plane from_library = xt::view(library_conv2d(x, xt::view(k, xt::newaxis())), 0);
  fmt::print("Two input channels: corr2d_multi_in(X, K)\n{}\n", fmt::streamed(y));
  fmt::print("largest difference from the library: {:.2g}\n\n", largest_difference(y, from_library));
}

void several_output_channels(const Image& x, const Image& k) {
  const Kernels stacked = xt::stack(xt::xtuple(k, k + 1.0F, k + 2.0F));
  const Image y = corr2d_multi_in_out(x, stacked);
  fmt::print("Three output channels: K, K + 1 and K + 2 stacked, shape [{}]\n",
             fmt::join(stacked.shape(), ", "));
  fmt::print("corr2d_multi_in_out(X, K)\n{}\n", fmt::streamed(y));
  fmt::print("largest difference from the library: {:.2g}\n\n",
             largest_difference(y, library_conv2d(x, stacked)));
}

void one_by_one(const Image& x, const Kernels& k) {
  const Image y1 = corr2d_multi_in_out_1x1(x, k);
  const Image y2 = corr2d_multi_in_out(x, k);
  const bool same = std::sqrt(xt::sum(xt::square(y1 - y2))()) < 1e-6F;
  fmt::print("A 1 x 1 convolution as a matrix product, X [3, 3, 3] and K [2, 3, 1, 1] random\n");
  fmt::print("corr2d_multi_in_out_1x1(X, K)\n{}\n", fmt::streamed(y1));
  fmt::print("norm of its difference from corr2d_multi_in_out(X, K) < 1e-6: {}\n", same ? "True" : "False");
  fmt::print("largest difference from the library: {:.2g}\n\n", largest_difference(y1, library_conv2d(x, k)));
}

void one_by_one_backward(const Image& x, const Kernels& k) {
  const Image y = corr2d_multi_in_out_1x1(x, k);
  const Grads own = corr2d_multi_in_out_1x1_backward(y, x, k);  // L = sum of y^2 / 2, so that dL/dY = Y
  const Grads library = library_conv2d_backward(y, x, k);
  const Grads estimate = estimate_grads(x, k);
  fmt::print("Its gradients are matrix products too, here those of L = (sum of the squares of Y) / 2\n");
  fmt::print("dL/dK = dL/dY X^T\n{}\n", fmt::streamed(as_matrix(own.k)));
  fmt::print("dL/dX = K^T dL/dY, its first channel\n{}\n", fmt::streamed(Plane(xt::view(own.x, 0))));
  fmt::print("largest difference from the library: {:.2g} and {:.2g}\n", largest_difference(own.k, library.k),
             largest_difference(own.x, library.x));
  fmt::print("largest difference from central differences: {:.2g} and {:.2g}\n\n",
             largest_difference(own.k, estimate.k), largest_difference(own.x, estimate.x));
}

void print_cost(const char* name, const Image& x, const Kernels& k) {
  Image y;
  const Cost counted = cost_by_counting(x, k, y);
  const Cost formula = cost_by_formula(x, k);
  fmt::print("{:<38} {:>10} {:>10} {:>10}\n", name, counted.parameters, counted.macs, formula.macs);
}

void run_section(Experiments& section) {
  const Image x{{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}, {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}};
  const Image k{{{0, 1}, {2, 3}}, {{1, 2}, {3, 4}}};
  several_input_channels(x, k);
  several_output_channels(x, k);
  const auto x_random = random_array<Image>({3, 3, 3}, section.rng());
  const auto k_random = random_array<Kernels>({2, 3, 1, 1}, section.rng());
  one_by_one(x_random, k_random);
  one_by_one_backward(x_random, k_random);

  fmt::print("{:<38} {:>10} {:>10} {:>10}\n", "Cost: kernels on image", "parameters", "counted", "formula");
  print_cost("[3, 2, 2, 2] on [2, 3, 3]", x, xt::ones<float>({3, 2, 2, 2}));
  print_cost("[2, 3, 1, 1] on [3, 3, 3]", x_random, k_random);
  print_cost("[16, 6, 5, 5] on [6, 12, 12] (LeNet)", xt::ones<float>({6, 12, 12}),
             xt::ones<float>({16, 6, 5, 5}));
  print_cost("[16, 6, 1, 1] on [6, 12, 12]", xt::ones<float>({6, 12, 12}), xt::ones<float>({16, 6, 1, 1}));
}

int main(int argc, char** argv) {
  const Chapter chapter{"5.3", "channels", "03_channels", "Multiple input and output channels"};
  return run_experiments(argc, argv, chapter, run_section);
}

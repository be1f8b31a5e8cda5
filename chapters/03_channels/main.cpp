// SPDX-License-Identifier: MIT
#include "chapters/03_channels/show.hpp"

using namespace cnn;
using namespace cnn::channels;

void add_up_input_channels(const Image& x, const Image& k) {
  heading("Two input channels: each has its kernel, and the results are added up");
  show("x", x);
  show("k", k);
  const Kernels kernels = xt::view(k, xt::newaxis());
  const Image y = xt::view(corr2d_multi_in(x, k), xt::newaxis());
  show("corr2d_multi_in(x, k)", y, library_conv2d(x, kernels));
}

void stack_output_channels(const Image& x, const Kernels& kernels) {
  heading("Three output channels: k, k + 1 and k + 2");
  show_shape("the kernels", kernels);
  show("corr2d_multi_in_out(x, kernels)", corr2d_multi_in_out(x, kernels),
       library_conv2d(x, kernels));
}

void mix_channels(const Image& x, const Kernels& k) {
  heading("A 1 x 1 convolution is a matrix product: x and k are random");
  show_shape("k", k);
  const Image product = corr2d_multi_in_out_1x1(x, k);
  show("corr2d_multi_in_out_1x1(x, k)", product, library_conv2d(x, k));
  show_equal("corr2d_multi_in_out_1x1(x, k) - corr2d_multi_in_out(x, k)", product,
             corr2d_multi_in_out(x, k));
}

void backward_pass(const Image& x, const Kernels& k) {
  heading("Backward: the gradients of L = (sum of y^2) / 2, so that dL/dy = y");
  const Image y = corr2d_multi_in_out(x, k);
  show(corr2d_multi_in_out_backward(y, x, k), library_conv2d_backward(y, x, k),
       measured_gradients(x, k));
}

void backward_pass_by_matrix_products(const Image& x, const Kernels& k) {
  heading("The same L for 1 x 1: dL/dk = dL/dy x^T and dL/dx = k^T dL/dy");
  const Image y = corr2d_multi_in_out_1x1(x, k);
  show(corr2d_multi_in_out_1x1_backward(y, x, k), library_conv2d_backward(y, x, k),
       measured_gradients(x, k));
}

void count_the_cost() {
  heading("Cost: parameters, and multiplications with their additions (MACs)");
  const auto ones = [](auto... sizes) {
    return xt::ones<float>({static_cast<std::size_t>(sizes)...});
  };
  show_cost_header();
  show_cost(ones(2, 3, 3), ones(3, 2, 2, 2));
  show_cost(ones(3, 3, 3), ones(2, 3, 1, 1));
  show_cost(ones(6, 12, 12), ones(16, 6, 5, 5));
  show_cost(ones(6, 12, 12), ones(16, 6, 1, 1));
}

void run_section(Experiments& section) {
  const Image x{{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}},
                {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}};
  const Image k{{{0, 1}, {2, 3}}, {{1, 2}, {3, 4}}};
  add_up_input_channels(x, k);
  const Kernels kernels = xt::stack(xt::xtuple(k, k + 1.0F, k + 2.0F));
  stack_output_channels(x, kernels);
  backward_pass(x, kernels);

  const auto random_x = random_array<Image>({3, 3, 3}, section.rng());
  const auto random_k = random_array<Kernels>({2, 3, 1, 1}, section.rng());
  mix_channels(random_x, random_k);
  backward_pass_by_matrix_products(random_x, random_k);
  count_the_cost();
}

int main(int argc, char** argv) {
  return run_experiments(
      argc, argv,
      {"5.3", "channels", "03_channels", "Multiple input and output channels"},
      run_section);
}

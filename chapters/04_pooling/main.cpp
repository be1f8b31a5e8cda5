// SPDX-License-Identifier: MIT
#include <fmt/ostream.h>

#include "chapters/04_pooling/library.hpp"
#include "chapters/04_pooling/translation.hpp"

using namespace cnn;
using namespace cnn::pooling;

void pool(const char* title, const Image& x, const Window& window, Mode mode) {
  const Image y = pool2d(x, window, mode);
  const float difference = largest_difference(y, library_pool2d(x, window, mode));
  fmt::print("{}\n{}\nlargest difference from the library: {:.2g}\n\n", title, fmt::streamed(y), difference);
}

void maximum_and_average() {
  const Plane x = xt::arange<float>(9).reshape({3, 3});
  fmt::print("X\n{}\n\n", fmt::streamed(x));
  for (const Mode mode : {Mode::max, Mode::average}) {
    const Plane y = pool2d(x, Size2d{2}, mode);
    const Image from_library = library_pool2d(one_channel(x), {.size = 2, .stride = 1}, mode);
    fmt::print("pool2d(X, 2 x 2), {}\n{}\n", mode == Mode::max ? "maximum" : "average", fmt::streamed(y));
    fmt::print("largest difference from the library: {:.2g}\n\n",
               largest_difference(one_channel(y), from_library));
  }
}

void padding_and_stride() {
  const Image x = xt::arange<float>(16).reshape({1, 4, 4});
  fmt::print("X, one channel of an image\n{}\n\n", fmt::streamed(x));
  pool("maximum, window 3, stride as the window", x, {.size = 3}, Mode::max);
  pool("maximum, window 3, padding 1, stride 2", x, {.size = 3, .stride = 2, .padding = 1}, Mode::max);
  pool("maximum, window 2 x 4, padding 1 x 2, stride 2 x 3", x,
       {.size = {2, 4}, .stride = {2, 3}, .padding = {1, 2}}, Mode::max);
  pool("average, window 3, padding 1, stride 2", x, {.size = 3, .stride = 2, .padding = 1}, Mode::average);
}

void two_channels() {
  const Plane x = xt::arange<float>(16).reshape({4, 4});
  const Image both = xt::stack(xt::xtuple(x, x + 1.0F));
  pool("X and X + 1 as two channels: maximum, window 3, padding 1, stride 2", both,
       {.size = 3, .stride = 2, .padding = 1}, Mode::max);
}

void backward(const char* title, const Plane& x, const Window& window, Mode mode) {
  const Plane grad_y{{1, 2}, {3, 4}};  // of the loss L = y00 + 2 y01 + 3 y10 + 4 y11
  const auto loss = [&](const Plane& at) { return xt::sum<double>(grad_y * pool2d(at, window, mode))(); };
  const Plane grad_x = pool2d_backward(grad_y, x, window, mode);
  const Image from_library = library_pool2d_backward(one_channel(grad_y), one_channel(x), window, mode);
  fmt::print("{}\n{}\n", title, fmt::streamed(grad_x));
  fmt::print("largest difference from the library: {:.2g}, from central differences: {:.2g}\n\n",
             largest_difference(one_channel(grad_x), from_library),
             largest_difference(grad_x, central_differences(loss, x, 0.25F)));
}

void gradients() {
  const Plane x{{3, 1, 4, 1}, {5, 8, 2, 6}, {5, 3, 5, 7}, {2, 7, 1, 9}};
  fmt::print("Gradients of L = y00 + 2 y01 + 3 y10 + 4 y11 for X\n{}\n\n", fmt::streamed(x));
  backward("maximum, window 2: the winner takes all", x, {.size = 2}, Mode::max);
  backward("average, window 2: equal shares", x, {.size = 2}, Mode::average);
  backward("maximum, window 3, stride 1: what a pixel wins adds up", x, {.size = 3, .stride = 1}, Mode::max);
}

void one_pixel_to_the_side() {
  fmt::print("The bar of section 5.1 moves by one pixel: a row of its edges, and of their pooled maxima\n");
  for (const int shift : {-1, 0, 1}) {
    const Plane edges = vertical_edges(image_with_bar(shift));
    fmt::print("moved by {:>2}: edges {:<15} stride 1: {:<13} stride 2: {}\n", shift, first_row(edges),
               first_row(pool2d(edges, {.size = 2, .stride = 1}, Mode::max)),
               first_row(pool2d(edges, {.size = 2, .stride = 2}, Mode::max)));
  }
}

int main(int argc, char** argv) {
  return run_experiments(argc, argv, {"5.4", "pooling", "04_pooling", "Pooling"}, [](Experiments&) {
    maximum_and_average(), padding_and_stride(), two_channels(), gradients(), one_pixel_to_the_side();
  });
}

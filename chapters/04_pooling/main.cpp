// SPDX-License-Identifier: MIT
#include "chapters/04_pooling/show.hpp"
#include "chapters/04_pooling/translation.hpp"

using namespace cnn;
using namespace cnn::pooling;

void maximum_and_average() {
  heading("Maximum and average of each window of 2 x 2 pixels");
  const Plane x{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  const Window window{.size = 2, .stride = 1};
  show("x", x);
  show("maximum", pool2d(x, Size2d{2}, Mode::max),
       library_pool2d(one_channel(x), window, Mode::max));
  show("average", pool2d(x, Size2d{2}, Mode::average),
       library_pool2d(one_channel(x), window, Mode::average));
}

void padding_and_stride(const Plane& x) {
  heading("Padding and stride");
  show("x", x);
  const Image image = one_channel(x);
  show_pooling(image, {.size = 3}, Mode::max);
  show_pooling(image, {.size = 3, .stride = 2, .padding = 1}, Mode::max);
  show_pooling(image, {.size = {2, 4}, .stride = {2, 3}, .padding = {1, 2}},
               Mode::max);
  show_pooling(image, {.size = 3, .stride = 2, .padding = 1}, Mode::average);
}

void several_channels(const Plane& x) {
  heading("Two channels, x and x + 1: each is pooled by itself");
  const Image image = xt::stack(xt::xtuple(x, x + 1.0F));
  show_pooling(image, {.size = 3, .stride = 2, .padding = 1}, Mode::max);
}

void backward_pass(const char* name, const Plane& x, Window window, Mode mode) {
  const Plane grad_y{{1, 2}, {3, 4}};
  const Image library =
      library_pool2d_backward(one_channel(grad_y), one_channel(x), window, mode);
  const auto loss = [&](const Plane& at) {
    return xt::sum<double>(grad_y * pool2d(at, window, mode))();
  };
  show(name, pool2d_backward(grad_y, x, window, mode), library,
       central_differences(loss, x, 0.25F));
}

void backward_pass() {
  heading("Backward: the loss is y00 + 2 y01 + 3 y10 + 4 y11");
  const Plane x{{3, 1, 4, 1}, {5, 8, 2, 6}, {5, 3, 5, 7}, {2, 7, 1, 9}};
  show("x", x);
  backward_pass("dL/dx, maximum of windows of 2 x 2", x, {.size = 2}, Mode::max);
  backward_pass("dL/dx, average of windows of 2 x 2", x, {.size = 2},
                Mode::average);
  backward_pass("dL/dx, maximum of windows of 3 x 3, stride 1", x,
                {.size = 3, .stride = 1}, Mode::max);
}

void move_by_one_pixel() {
  heading("The bar moves: a row of its edges, and the maxima of windows of 2 x 2");
  for (const int shift : {-1, 0, 1}) {
    const Plane edges = vertical_edges(image_with_bar(shift));
    show_rows(shift, edges, pool2d(edges, {.size = 2, .stride = 1}, Mode::max),
              pool2d(edges, {.size = 2, .stride = 2}, Mode::max));
  }
}

void run_section(Experiments&) {
  const Plane x{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}};
  maximum_and_average();
  padding_and_stride(x);
  several_channels(x);
  backward_pass();
  move_by_one_pixel();
}

int main(int argc, char** argv) {
  return run_experiments(argc, argv, {"5.4", "pooling", "04_pooling", "Pooling"},
                         run_section);
}

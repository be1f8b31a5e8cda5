// SPDX-License-Identifier: MIT
// Every kernel of the ladder makes of every layer what the plain loops make of it, all of them but tf32 the same bits, and none of it
// depends on the other images of a batch or on how the shards are shared out.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

#include "common/backend/backend.hpp"
#include "common/backend/kernel_choice.hpp"
#include "common/core/check.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "tests/common/backend/cuda/device.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"
#include "tests/common/backend/cuda/rounded.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(ladder)

namespace {

struct Layer {
  const char* what;
  Shape x, weight;  // a linear layer's have two axes
  ConvGeometry geometry = {};

  bool is_linear() const { return weight.size() == 2; }
};

std::ostream& operator<<(std::ostream& out, const Layer& l) {
  return out << l.what << ", " << to_string(l.x) << " with " << to_string(l.weight);
}

const std::vector<Layer> layers{
    {"one channel", {2, 1, 14, 14}, {6, 1, 5, 5}, {.padding = 2}},
    {"one channel, small kernels", {9, 1, 8, 8}, {20, 1, 3, 3}, {.padding = 1}},
    {"two channels out", {3, 5, 12, 11}, {2, 5, 3, 3}, {}},
    {"few channels", {3, 6, 10, 10}, {16, 6, 5, 5}, {}},
    {"kernels of 3 x 3", {2, 16, 9, 7}, {20, 16, 3, 3}, {.padding = 1}},
    {"3 x 3 without padding", {2, 8, 10, 7}, {5, 8, 3, 3}, {}},
    {"more than a tile", {2, 12, 8, 9}, {140, 12, 3, 3}, {.padding = 1}},
    {"two heights of tiles", {2, 9, 8, 8}, {70, 9, 3, 3}, {.padding = 1}},
    {"steps of two", {2, 8, 11, 11}, {33, 8, 3, 3}, {.stride = 2, .padding = 1}},
    {"wide steps", {2, 3, 23, 19}, {8, 3, 7, 7}, {.stride = {3, 2}, .padding = {3, 1}}},
    {"steps as wide as the kernel", {2, 4, 8, 9}, {6, 4, 2, 2}, {.stride = 2}},
    {"steps wider than the kernel", {2, 3, 11, 10}, {5, 3, 2, 3}, {.stride = {3, 4}, .padding = 1}},
    {"single pixels in fours", {3, 20, 6, 6}, {36, 20, 1, 1}, {}},
    {"single pixels", {2, 13, 5, 5}, {7, 13, 1, 1}, {}},
    {"single pixels in steps", {2, 12, 7, 7}, {10, 12, 1, 1}, {.stride = 2}},
    {"one pixel left", {9, 24, 3, 3}, {12, 24, 3, 3}, {}},
    {"flat kernels", {2, 5, 6, 9}, {11, 5, 1, 3}, {.padding = {0, 1}}},
    {"rows", {5, 37}, {10, 37}},
    {"rows in fours", {20, 40}, {132, 40}},
    {"one row", {1, 64}, {48, 64}}};

/// What the passes of a layer give.
struct Results {
  Tensor y, fused, grad_x, added, grad_weight, grad_bias;
};

Tensor copy_to(Device device, const Tensor& x) {
  if (x.is_dense()) return x.to(device);
  const Tensor whole = Tensor::empty({x.shape()[0], x.shape()[1] + 3, x.shape()[2], x.shape()[3]}, device);
  Tensor slice = whole.channels(1, x.shape()[1]);
  slice.copy_from(x);
  return slice;
}

/// All passes; images are ranges of channels of wider tensors, or of absolute values.
Results run(const Layer& l, Device device, bool of_absolutes = false) {
  const auto at = [&](const Tensor& x) { return of_absolutes ? absolute(x) : copy_to(device, x); };
  const Tensor weight = at(random_tensor(l.weight, 2)), bias = at(random_tensor({l.weight[0]}, 3));
  const Tensor scale = at(random_tensor({l.weight[0]}, 4)), shift = at(random_tensor({l.weight[0]}, 5));
  const ChannelLine line{scale, shift};
  Results r;
  r.grad_weight = weight.clone();
  r.grad_bias = bias.clone();
  if (l.is_linear()) {
    const Tensor x = at(random_tensor(l.x, 1));
    r.y = ops::linear(x, weight, &bias);
    const Tensor residual = at(random_tensor(r.y.shape(), 6)), grad_y = at(random_tensor(r.y.shape(), 7));
    r.fused = ops::linear(x, weight, nullptr, {.relu = true, .line = &line, .residual = &residual});
    r.grad_x = ops::linear_backward_input(grad_y, weight);
    ops::linear_backward_weight_into(r.grad_weight, &r.grad_bias, grad_y, x);
    return r;
  }
  const Tensor x = at(random_slice(l.x, 1));
  r.y = ops::conv2d(x, weight, &bias, l.geometry);
  const Tensor residual = at(random_slice(r.y.shape(), 6)), grad_y = at(random_slice(r.y.shape(), 7));
  const Tensor factor = at(random_tensor({l.x[1]}, 8)), term = at(random_tensor({l.x[1]}, 9));
  const Prologue prologue{{factor, term}, true};
  r.fused = ops::conv2d(x, weight, nullptr, l.geometry, {.relu = true, .line = &line, .residual = &residual},
                        &prologue);
  r.grad_x = ops::conv2d_backward_input(grad_y, l.x, weight, l.geometry);
  r.added = at(random_slice(l.x, 10));
  ops::conv2d_backward_input_into(r.added, grad_y, weight, l.geometry, Write::adds);
  ops::conv2d_backward_weight_into(r.grad_weight, &r.grad_bias, grad_y, x, l.geometry);
  return r;
}

/// A share of the largest element.
Tolerance rounding(const Tensor& x, double share) {
  float largest = 0;
  const Tensor dense = x.clone().to({});
  for (const float value : dense.values()) largest = std::max(largest, std::abs(value));
  return {.absolute = share * double{largest}};
}

void check_same(const Results& some, const Results& expected, double share) {
  const auto same = [&](const Tensor& a, const Tensor& b, const char* what) {
    if (b.defined()) BOOST_TEST(tensors_close(a, b, rounding(b, share)), what);
  };
  same(some.y, expected.y, "y");
  same(some.fused, expected.fused, "y with prologue and epilogue");
  same(some.grad_x, expected.grad_x, "grad_x");
  same(some.added, expected.added, "grad_x, added");
  same(some.grad_weight, expected.grad_weight, "grad_weight");
  same(some.grad_bias, expected.grad_bias, "grad_bias");
}

/// Whether the rule of `auto` has the gradient of the weights made by the one kernel of an order of its own.
bool has_narrow_sums(const Layer& l) {
  return !l.is_linear() && (l.weight[0] <= 8 || l.weight[1] * l.weight[2] * l.weight[3] <= 32);
}

const Device cuda_device{DeviceType::cuda};

Results on_the_loops(const Layer& l, bool of_absolutes = false) {
  const BackendScope rung("reference");
  return run(l, {}, of_absolutes);
}

/// The kernel tf32 rounds the factors alone, to the same bits each time.
void check_tf32(const Layer& l) {
  const Results some = run(l, cuda_device), exact = on_the_loops(l), absolutes = on_the_loops(l, true);
  const auto rounded = [](const Tensor& a, const Tensor& b, const Tensor& c, const char* what) {
    BOOST_TEST_CONTEXT(what) if (b.defined()) BOOST_TEST(is_rounded(a, b, c, rounding(b, 1e-5).absolute));
  };
  rounded(some.y, exact.y, absolutes.y, "y");
  rounded(some.fused, exact.fused, absolutes.fused, "y with prologue and epilogue");
  rounded(some.grad_x, exact.grad_x, absolutes.grad_x, "grad_x");
  rounded(some.added, exact.added, absolutes.added, "grad_x, added");
  rounded(some.grad_weight, exact.grad_weight, absolutes.grad_weight, "grad_weight");
  BOOST_TEST(tensors_close(some.grad_bias, exact.grad_bias, rounding(exact.grad_bias, 1e-5)));
  check_same(run(l, cuda_device), some, 0);
}

/// Shards first ... last - 1 of a batch of which x and grad_y are images from number `from` on.
struct Part {
  Index first, last, from, count;
  Shards shards;

  Part(Index images, Index first_, Index last_)
      : first(first_),
        last(last_),
        from(images * first_ / shard_count),
        count(images * last_ / shard_count - from),
        shards{images, first_, last_} {}
};

/// Gradients of weight and bias that a process with some shards makes.
std::vector<Tensor> sums(const Layer& l, Index images, const Part& part) {
  Shape shape = l.x;
  shape[0] = images;
  const Tensor x = random(shape, 1), weight = random(l.weight, 2);
  const Tensor y =
      l.is_linear() ? ops::linear(x, weight, nullptr) : ops::conv2d(x, weight, nullptr, l.geometry);
  const Tensor grad_y = random(y.shape(), 3).rows(part.from, part.count),
               some = x.rows(part.from, part.count);
  Tensor grad_weight = random(l.weight, 4), grad_bias = random({l.weight[0]}, 5);
  if (l.is_linear())
    ops::linear_backward_weight_into(grad_weight, &grad_bias, grad_y, some, part.shards);
  else
    ops::conv2d_backward_weight_into(grad_weight, &grad_bias, grad_y, some, l.geometry, part.shards);
  return {grad_weight, grad_bias};
}

void check_shards(const Layer& l, Index images) {
  const std::vector<Tensor> whole = sums(l, images, {images, 0, shard_count});
  for (const Index processes : {2, 8}) {
    const Index share = shard_count / processes;
    std::vector<std::vector<Tensor>> all;
    for (Index k = 0; k < processes; ++k)
      all.push_back(sums(l, images, {images, k * share, (k + 1) * share}));
    join_in_pairs(processes, [&](Index to, Index from) {
      for (std::size_t i = 0; i < 2; ++i)
        ops::add_scaled_inplace(all[static_cast<std::size_t>(to)][i], all[static_cast<std::size_t>(from)][i],
                                1);
    });
    for (std::size_t i = 0; i < 2; ++i)
      BOOST_TEST(tensors_close(all[0][i], whole[i]), images << " images, " << processes << " processes");
  }
}

std::vector<std::string> all_kernels() {
  std::vector<std::string> names = kernels_of_the_device();
  names.emplace_back("auto");  // narrow layers have kernels that no name picks
  return names;
}

/// The rungs that are ours have the bits of one: the lowest and the one that loads ahead stand for all.
std::vector<std::string> some_kernels() {
  std::vector<std::string> names = all_kernels();
  for (const char* const name : {"tiled", "registers", "async"}) std::erase(names, name);
  return names;
}

/// An image alone gives what it gives in a batch.
void check_company(const Layer& l, bool exactly) {
  Shape shape = l.x;
  shape[0] = 9;
  const Tensor x = random(shape, 1), weight = random(l.weight, 2);
  const auto forward = [&](const Tensor& some) {
    return l.is_linear() ? ops::linear(some, weight, nullptr)
                         : ops::conv2d(some, weight, nullptr, l.geometry);
  };
  const Tensor y = forward(x), grad_y = random(y.shape(), 3);
  const auto backward = [&](const Tensor& some, const Shape& images) {
    return l.is_linear() ? ops::linear_backward_input(some, weight)
                         : ops::conv2d_backward_input(some, images, weight, l.geometry);
  };
  const Tensor grad_x = backward(grad_y, shape);
  const auto close = [&](const Tensor& a, const Tensor& b) {
    return tensors_close(a, b, exactly ? Tolerance{} : Tolerance{.relative = 1e-6, .absolute = 1e-6});
  };
  for (const Index count : {1, 3}) {
    shape[0] = count;
    BOOST_TEST(close(forward(x.rows(4, count)), y.rows(4, count)));
    BOOST_TEST(close(backward(grad_y.rows(4, count), shape), grad_x.rows(4, count)));
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(matches_the_loops, boost::unit_test::data::make(all_kernels()) * layers, kernel, layer) {
  const KernelScope scope(kernel);
  if (kernel == "tf32") return check_tf32(layer);
  const double share = kernel == "winograd" ? 2.3e-5 : 1e-5;  // as docs/backends.md has it
  check_same(run(layer, cuda_device), on_the_loops(layer), share);
}

/// Whole layers several times over, which takes minutes under the sanitizers.
BOOST_AUTO_TEST_SUITE(same_bits)

BOOST_DATA_TEST_CASE(gives_the_same_bits_on_each_rung, layers, layer) {
  const KernelScope scope("naive");
  const Results first = run(layer, cuda_device);
  for (const char* const kernel : {"tiled", "registers", "vectors", "async"}) {
    use_cuda_kernel(kernel);
    BOOST_TEST_CONTEXT(kernel) check_same(run(layer, cuda_device), first, 0);
  }
  use_cuda_kernel("auto");
  Results by_rule = run(layer, cuda_device);
  if (has_narrow_sums(layer)) {
    BOOST_TEST(tensors_close(by_rule.grad_weight, first.grad_weight, rounding(first.grad_weight, 1e-5)));
    by_rule.grad_weight = first.grad_weight;
  }
  BOOST_TEST_CONTEXT("auto") check_same(by_rule, first, 0);
}

BOOST_DATA_TEST_CASE(does_not_mind_company, boost::unit_test::data::make(some_kernels()) * layers, kernel,
                     layer) {
  const BackendScope rung("cuda");
  const KernelScope scope(kernel);
  check_company(layer, kernel != "cublas");  // which chooses by the number of images
}

BOOST_DATA_TEST_CASE(joins_shards_to_the_same_bits, boost::unit_test::data::make(some_kernels()) * layers,
                     kernel, layer) {
  const BackendScope rung("cuda");
  const KernelScope scope(kernel);
  for (const Index images : {3, 9}) check_shards(layer, images);
}

BOOST_AUTO_TEST_SUITE_END()

/// An infinite weight reaches the pixels that it was multiplied with and no others: nothing is multiplied with zeros in its place.
BOOST_DATA_TEST_CASE(multiplies_nothing_between_the_steps, boost::unit_test::data::make(all_kernels()),
                     kernel) {
  const KernelScope scope(kernel);
  Tensor weight = random_tensor({1, 1, 2, 2}, 1);
  weight.data()[0] = std::numeric_limits<float>::infinity();
  const Tensor grad_y = random_tensor({2, 1, 3, 4}, 2);
  const auto on = [&](const char* rung) {
    const BackendScope backend(rung);
    return ops::conv2d_backward_input(on_device(grad_y), {2, 1, 6, 8}, on_device(weight), {.stride = 2});
  };
  BOOST_TEST(tensors_close(on("cuda"), on("reference"), {.relative = kernel == "tf32" ? tf32_share : 0}));
}

BOOST_AUTO_TEST_CASE(is_chosen_by_name) {
  const KernelScope scope("auto");
  for (const std::string& name : cuda_kernel_names()) {
    use_cuda_kernel(name);
    BOOST_TEST(cuda_kernel() == name);
  }
  BOOST_CHECK_EXCEPTION(use_cuda_kernel("fast"), UsageError, [](const UsageError& e) {
    return std::string(e.what()).starts_with(
        "[cuda] there is no kernel named 'fast'; there are auto, naive, tiled, ");
  });
  BOOST_TEST(cuda_kernel() == cuda_kernel_names().back());
}

BOOST_AUTO_TEST_SUITE_END()

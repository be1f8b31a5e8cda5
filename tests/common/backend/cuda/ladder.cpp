// SPDX-License-Identifier: MIT
// Every kernel of the ladder makes of every layer what the plain loops make of it, all of them the same bits, and none of it depends
// on the other images of a batch or on how the shards are shared out.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>

#include "common/backend/backend.hpp"
#include "common/backend/kernel_choice.hpp"
#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using namespace cnn::test;

namespace {

/// A kernel for the life of a scope, on the device.
class KernelScope {
 public:
  explicit KernelScope(const std::string& name) : former_(cuda_kernel()) { use_cuda_kernel(name); }
  ~KernelScope() { use_cuda_kernel(former_); }
  KernelScope(const KernelScope&) = delete;
  KernelScope& operator=(const KernelScope&) = delete;

 private:
  std::string former_;
};

boost::test_tools::assertion_result has_device(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(device_memory::device_count() > 0);
  result.message() << "no CUDA device";
  return result;
}

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
    {"few channels", {3, 6, 10, 10}, {16, 6, 5, 5}, {}},
    {"kernels of 3 x 3", {2, 16, 9, 7}, {20, 16, 3, 3}, {.padding = 1}},
    {"more than a tile", {1, 12, 12, 12}, {140, 12, 3, 3}, {.padding = 1}},
    {"two heights of tiles", {2, 9, 8, 8}, {70, 9, 3, 3}, {.padding = 1}},
    {"steps of two", {2, 8, 11, 11}, {33, 8, 3, 3}, {.stride = 2, .padding = 1}},
    {"wide steps", {2, 3, 23, 19}, {8, 3, 7, 7}, {.stride = {3, 2}, .padding = {3, 1}}},
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

/// All passes; images are ranges of channels of wider tensors.
Results run(const Layer& l, Device device) {
  const auto at = [&](const Tensor& x) { return copy_to(device, x); };
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

/// 10⁻⁵ of the largest element.
Tolerance rounding(const Tensor& x) {
  float largest = 0;
  const Tensor dense = x.clone();
  for (const float value : dense.values()) largest = std::max(largest, std::abs(value));
  return {.absolute = 1e-5 * double{largest}};
}

void check_same(const Results& some, const Results& expected, bool exactly) {
  const auto same = [&](const Tensor& a, const Tensor& b, const char* what) {
    if (b.defined()) BOOST_TEST(tensors_close(a, b, exactly ? Tolerance{} : rounding(b)), what);
  };
  same(some.y, expected.y, "y");
  same(some.fused, expected.fused, "y with prologue and epilogue");
  same(some.grad_x, expected.grad_x, "grad_x");
  same(some.added, expected.added, "grad_x, added");
  same(some.grad_weight, expected.grad_weight, "grad_weight");
  same(some.grad_bias, expected.grad_bias, "grad_bias");
}

const Device cuda_device{DeviceType::cuda};

Results on_the_loops(const Layer& l) {
  const BackendScope rung("reference");
  return run(l, {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ladder, *boost::unit_test::precondition(has_device))

BOOST_DATA_TEST_CASE(matches_the_loops, boost::unit_test::data::make(cuda_kernel_names()) * layers, kernel,
                     layer) {
  const KernelScope scope(kernel);
  check_same(run(layer, cuda_device), on_the_loops(layer), false);
}

BOOST_DATA_TEST_CASE(gives_the_same_bits_on_each_rung, layers, layer) {
  const KernelScope scope("naive");
  const Results first = run(layer, cuda_device);
  for (const char* const kernel : {"tiled", "registers", "vectors", "async"}) {
    use_cuda_kernel(kernel);
    BOOST_TEST_CONTEXT(kernel) check_same(run(layer, cuda_device), first, true);
  }
}

BOOST_AUTO_TEST_SUITE_END()

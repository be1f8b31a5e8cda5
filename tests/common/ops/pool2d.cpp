// SPDX-License-Identifier: MIT
#include "common/ops/pool2d.hpp"

#include <cmath>
#include <limits>
#include <ostream>

#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(pool2d)

namespace {

struct PoolCase {
  Shape x;
  Pool2dOptions options;
  bool slice = false;
};

std::ostream& operator<<(std::ostream& out, const PoolCase& c) {
  return out << to_string(c.x) << ", window " << to_string(c.options.kernel) << ", stride "
             << to_string(c.options.stride) << ", padding " << to_string(c.options.padding)
             << (c.slice ? ", sliced" : "");
}

const std::vector<PoolCase> cases{
    {{1, 1, 1, 1}, {.kernel = 1, .stride = 1}},
    {{2, 6, 24, 24}, {}},
    {{2, 3, 7, 5}, {.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 0}}},
    {{3, 2, 5, 5}, {.kernel = 5, .stride = 5}},
    {{1, 2, 9, 9}, {.kernel = 2, .stride = 3, .padding = 1}},
    {{2, 2, 8, 8}, {.kernel = 3, .stride = 1, .padding = 1}},
    {{2, 1, 4, 9}, {.kernel = {2, 4}, .stride = {2, 3}, .padding = {1, 2}}},
    {{3, 2, 6, 5}, {.kernel = 3, .stride = 2, .padding = 1}, true},
};

struct PoolResult {
  ops::MaxPool2d maximum;
  Tensor maximum_grad, mean, mean_grad;
};

PoolResult pool_on(const std::string& backend, const PoolCase& c) {
  const BackendScope scope(backend);
  const auto make = [&](const Shape& shape, std::uint64_t seed) {
    return on_device(c.slice ? random_slice(shape, seed) : random_tensor(shape, seed));
  };
  const Tensor x = make(c.x, 1);
  const Tensor grad_y = make(ops::pool2d_output_shape(c.x, c.options), 3);
  PoolResult result{ops::max_pool2d(x, c.options), {}, ops::avg_pool2d(x, c.options), {}};
  BOOST_TEST(tensors_close(ops::max_pool2d(x, c.options, false).y, result.maximum.y));
  result.maximum_grad = ops::max_pool2d_backward(grad_y, result.maximum.indices, c.x, c.options);
  result.mean_grad = ops::avg_pool2d_backward(grad_y, c.x, c.options);
  return result;
}

Tensor positions(const Shape& shape, std::initializer_list<std::int32_t> values) {
  Tensor indices = Tensor::empty(shape, {}, DType::i32);
  std::copy(values.begin(), values.end(), indices.indices());
  return on_device(indices);
}

constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

BOOST_DATA_TEST_CASE(three_by_three_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Pool2dOptions options{.kernel = 2, .stride = 1};
  const ops::MaxPool2d maximum = ops::max_pool2d(arange({1, 1, 3, 3}), options);
  BOOST_TEST(tensors_close(maximum.y, tensor({1, 1, 2, 2}, {4, 5, 7, 8})));
  BOOST_TEST(tensors_close(maximum.indices, positions({1, 1, 2, 2}, {4, 5, 7, 8})));
  BOOST_TEST(
      tensors_close(ops::avg_pool2d(arange({1, 1, 3, 3}), options), tensor({1, 1, 2, 2}, {2, 3, 5, 6})));
}

BOOST_DATA_TEST_CASE(four_by_four_of_the_book, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = arange({1, 1, 4, 4});
  BOOST_TEST(tensors_close(ops::max_pool2d(x, {.kernel = 3, .stride = 3}).y, tensor({1, 1, 1, 1}, {10})));
  BOOST_TEST(tensors_close(ops::max_pool2d(x, {.kernel = 3, .stride = 2, .padding = 1}).y,
                           tensor({1, 1, 2, 2}, {5, 7, 13, 15})));
  BOOST_TEST(tensors_close(ops::max_pool2d(x, {.kernel = {2, 4}, .stride = {2, 3}, .padding = {1, 2}}).y,
                           tensor({1, 1, 3, 2}, {1, 3, 9, 11, 13, 15})));
}

BOOST_DATA_TEST_CASE(channels_are_pooled_one_by_one, backends(), backend) {
  const BackendScope scope(backend);
  Tensor x = Tensor::empty({1, 2, 4, 4});
  for (Index k = 0; k < 16; ++k) x.data()[k] = static_cast<float>(k);
  for (Index k = 0; k < 16; ++k) x.data()[16 + k] = static_cast<float>(k + 1);
  const ops::MaxPool2d maximum = ops::max_pool2d(on_device(x), {.kernel = 3, .stride = 2, .padding = 1});
  BOOST_TEST(tensors_close(maximum.y, tensor({1, 2, 2, 2}, {5, 7, 13, 15, 6, 8, 14, 16})));
  BOOST_TEST(tensors_close(maximum.indices, positions({1, 2, 2, 2}, {5, 7, 13, 15, 5, 7, 13, 15})));
}

BOOST_DATA_TEST_CASE(agrees_with_pytorch, backends(),
                     backend) {  // max_pool2d, avg_pool2d of (7 k + 3) mod 13, and backward
  const BackendScope scope(backend);
  const Pool2dOptions options{.kernel = {3, 2}, .stride = 2, .padding = 1};
  const Tensor x = tensor({1, 1, 4, 5}, {3, 10, 4, 11, 5, 12, 6, 0, 7, 1, 8, 2, 9, 3, 10, 4, 11, 5, 12, 6});
  const Tensor grad_y = arange({1, 1, 2, 3}, 1);
  const ops::MaxPool2d maximum = ops::max_pool2d(x, options);
  BOOST_TEST(tensors_close(maximum.y, tensor({1, 1, 2, 3}, {12, 10, 11, 12, 11, 12})));
  BOOST_TEST(tensors_close(maximum.indices, positions({1, 1, 2, 3}, {5, 1, 3, 5, 16, 18})));
  BOOST_TEST(tensors_close(ops::max_pool2d_backward(grad_y, maximum.indices, x.shape(), options),
                           tensor(x.shape(), {0, 2, 0, 3, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 6, 0})));
  BOOST_TEST(tensors_close(ops::avg_pool2d(x, options),
                           tensor({1, 1, 2, 3}, {2.5F, 10.0F / 3, 4, 4, 5.5F, 6.5F}), {.relative = 1e-6}));
  const Tensor spread = tensor(x.shape(), {1, 2, 2, 3, 3, 5, 7, 7, 9, 9, 4, 5, 5, 6, 6, 4, 5, 5, 6, 6});
  Tensor sixths = ops::avg_pool2d_backward(grad_y, x.shape(), options).clone().to({});
  for (float& value : sixths.values()) value *= 6;
  BOOST_TEST(tensors_close(sixths, spread, {.relative = 1e-6}));
}

BOOST_DATA_TEST_CASE(the_first_of_equal_values_wins, backends(), backend) {
  const BackendScope scope(backend);
  const ops::MaxPool2d maximum = ops::max_pool2d(tensor({1, 1, 2, 4}, {1, 2, -1, -1, 2, 1, -1, -1}), {});
  BOOST_TEST(tensors_close(maximum.indices, positions({1, 1, 1, 2}, {1, 2})));
}

BOOST_DATA_TEST_CASE(negative_values_beat_the_padding, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor y =
      ops::max_pool2d(tensor({1, 1, 1, 2}, {-5, -3}), {.kernel = 3, .stride = 1, .padding = 1}).y;
  BOOST_TEST(tensors_close(y, tensor({1, 1, 1, 2}, {-3, -3})));
}

BOOST_DATA_TEST_CASE(nan_wins_as_in_pytorch, backends(), backend) {
  const BackendScope scope(backend);
  const ops::MaxPool2d maximum = ops::max_pool2d(
      tensor({1, 1, 3, 3}, {1, quiet_nan, 3, quiet_nan, 5, 6, 7, 8, 9}), {.kernel = 2, .stride = 1});
  BOOST_TEST(tensors_close(maximum.y, tensor({1, 1, 2, 2}, {quiet_nan, quiet_nan, quiet_nan, 9})));
  BOOST_TEST(tensors_close(maximum.indices, positions({1, 1, 2, 2}, {3, 1, 3, 8})));
}

BOOST_DATA_TEST_CASE(nothing_but_minus_infinity, backends(), backend) {
  const BackendScope scope(backend);
  const ops::MaxPool2d maximum =
      ops::max_pool2d(tensor({1, 1, 2, 2}, {-infinity, -infinity, -infinity, -infinity}), {});
  BOOST_TEST(tensors_close(maximum.y, tensor({1, 1, 1, 1}, {-infinity})));
  BOOST_TEST(tensors_close(maximum.indices, positions({1, 1, 1, 1}, {0})));
}

BOOST_DATA_TEST_CASE(matches_the_reference, faster_backends() * boost::unit_test::data::make(cases), backend,
                     c) {
  const PoolResult fast = pool_on(backend, c);
  const PoolResult slow = pool_on("reference", c);
  BOOST_TEST(tensors_close(fast.maximum.y, slow.maximum.y));
  BOOST_TEST(tensors_close(fast.maximum.indices, slow.maximum.indices));
  BOOST_TEST(tensors_close(fast.maximum_grad, slow.maximum_grad, {.absolute = 1e-6}));
  BOOST_TEST(tensors_close(fast.mean, slow.mean, {.absolute = 1e-6}));
  BOOST_TEST(tensors_close(fast.mean_grad, slow.mean_grad, {.absolute = 1e-6}));
}

BOOST_DATA_TEST_CASE(a_slice_gives_what_its_copy_gives, backends(), backend) {
  const PoolResult sliced = pool_on(backend, cases.back());
  const PoolResult copied = pool_on(backend, {cases.back().x, cases.back().options, false});
  BOOST_TEST(tensors_close(sliced.maximum.indices, copied.maximum.indices));
  BOOST_TEST(tensors_close(sliced.maximum_grad, copied.maximum_grad));
  BOOST_TEST(tensors_close(sliced.mean, copied.mean));
  BOOST_TEST(tensors_close(sliced.mean_grad, copied.mean_grad));
}

BOOST_DATA_TEST_CASE(inputs_stay_untouched, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = arange({2, 2, 4, 4}), grad_y = arange({2, 2, 2, 2});
  const ops::MaxPool2d maximum = ops::max_pool2d(x, {});
  const Tensor indices = maximum.indices.clone();
  ops::max_pool2d_backward(grad_y, maximum.indices, x.shape(), {});
  ops::avg_pool2d(x, {});
  ops::avg_pool2d_backward(grad_y, x.shape(), {});
  BOOST_TEST(tensors_close(x, arange({2, 2, 4, 4})));
  BOOST_TEST(tensors_close(grad_y, arange({2, 2, 2, 2})));
  BOOST_TEST(tensors_close(maximum.indices, indices));
}

BOOST_DATA_TEST_CASE(an_empty_batch, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = on_device(Tensor::empty({0, 2, 4, 4}));
  const ops::MaxPool2d maximum = ops::max_pool2d(x, {});
  BOOST_TEST(to_string(maximum.y.shape()) == "[0, 2, 2, 2]");
  BOOST_TEST(ops::max_pool2d_backward(maximum.y, maximum.indices, x.shape(), {}).size() == 0);
  BOOST_TEST(ops::avg_pool2d(x, {}).size() == 0);
  BOOST_TEST(ops::avg_pool2d_backward(maximum.y, x.shape(), {}).size() == 0);
}

BOOST_AUTO_TEST_CASE(impossible_windows) {
  const Shape x{1, 1, 4, 4};
  BOOST_CHECK_EXCEPTION(ops::pool2d_output_shape(x, {.kernel = 5}), ShapeError,
                        says({"[pool2d]", "5x5", "4x4"}));
  BOOST_CHECK_EXCEPTION(ops::pool2d_output_shape(x, {.kernel = 3, .padding = 2}), ShapeError,
                        says({"padding 2x2", "half of the window 3x3"}));
  BOOST_CHECK_THROW(ops::pool2d_output_shape(x, {.stride = 0}), ShapeError);
  BOOST_CHECK_THROW(ops::pool2d_output_shape(x, {.padding = -1}), ShapeError);
  BOOST_CHECK_THROW(ops::pool2d_output_shape(x, {.kernel = 0}), ShapeError);
  BOOST_CHECK_THROW(ops::pool2d_output_shape({4, 4}, {}), ShapeError);
  BOOST_CHECK_THROW(ops::pool2d_output_shape({1, 1, 0, 4}, {.padding = 1}), ShapeError);
}

BOOST_DATA_TEST_CASE(tensors_that_do_not_fit, backends(), backend) {
  const BackendScope scope(backend);
  const ops::MaxPool2d maximum = ops::max_pool2d(arange({2, 3, 4, 4}), {});
  BOOST_CHECK_EXCEPTION(ops::max_pool2d_backward(arange({2, 3, 2, 1}), maximum.indices, {2, 3, 4, 4}, {}),
                        ShapeError, says({"indices must be [2, 3, 2, 1], it is [2, 3, 2, 2]"}));
  BOOST_CHECK_THROW(ops::max_pool2d_backward(maximum.y, maximum.indices, {2, 2, 4, 4}, {}), ShapeError);
  BOOST_CHECK_THROW(ops::max_pool2d_backward(maximum.y, maximum.y, {2, 3, 4, 4}, {}), StateError);
  BOOST_CHECK_EXCEPTION(ops::avg_pool2d_backward(arange({2, 3, 3, 3}), {2, 3, 4, 4}, {}), ShapeError,
                        says({"grad_y must be [2, 3, 2, 2]"}));
  BOOST_CHECK_THROW(ops::max_pool2d(Tensor{}, {}), StateError);
}

BOOST_AUTO_TEST_SUITE_END()

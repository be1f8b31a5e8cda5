// SPDX-License-Identifier: MIT
#include "common/ops/conv2d.hpp"
#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(conv2d_errors)

namespace {

Shape output(const Shape& x, const Shape& weight, const ConvGeometry& geometry = {}) {
  return ops::conv2d_output_shape(x, weight, geometry);
}

}  // namespace

BOOST_AUTO_TEST_CASE(output_shapes_of_the_book) {
  BOOST_TEST(to_string(output({1, 1, 8, 8}, {1, 1, 3, 3}, {.padding = 1})) == "[1, 1, 8, 8]");
  BOOST_TEST(to_string(output({1, 1, 8, 8}, {1, 1, 5, 3}, {.padding = {2, 1}})) == "[1, 1, 8, 8]");
  BOOST_TEST(to_string(output({1, 1, 8, 8}, {1, 1, 3, 3}, {.stride = 2, .padding = 1})) == "[1, 1, 4, 4]");
  BOOST_TEST(to_string(output({1, 1, 8, 8}, {1, 1, 3, 5}, {.stride = {3, 4}, .padding = {0, 1}})) ==
             "[1, 1, 2, 2]");
  BOOST_TEST(to_string(output({128, 1, 224, 224}, {96, 1, 11, 11}, {.stride = 4})) == "[128, 96, 54, 54]");
}

BOOST_AUTO_TEST_CASE(channels_that_disagree) {
  BOOST_CHECK_EXCEPTION(
      output({2, 1, 28, 28}, {6, 3, 5, 5}), ShapeError,
      says(
          {"[conv2d] weight expects 3 input channels, x has 1 (x = [2, 1, 28, 28], weight = [6, 3, 5, 5])"}));
}

BOOST_AUTO_TEST_CASE(a_kernel_larger_than_the_padded_image) {
  BOOST_CHECK_EXCEPTION(output({1, 1, 4, 9}, {1, 1, 7, 3}, {.padding = {1, 0}}), ShapeError,
                        says({"[conv2d]", "7x3", "6x9", "image 4x9", "padding 1x0"}));
  BOOST_CHECK_THROW(output({1, 1, 9, 4}, {1, 1, 3, 5}), ShapeError);
}

BOOST_AUTO_TEST_CASE(numbers_that_are_impossible) {
  BOOST_CHECK_EXCEPTION(output({1, 1, 4, 4}, {1, 1, 2, 2}, {.stride = {1, 0}}), ShapeError,
                        says({"stride is 1x0"}));
  BOOST_CHECK_THROW(output({1, 1, 4, 4}, {1, 1, 2, 2}, {.stride = -1}), ShapeError);
  BOOST_CHECK_EXCEPTION(output({1, 1, 4, 4}, {1, 1, 2, 2}, {.padding = {0, -1}}), ShapeError,
                        says({"padding is 0x-1"}));
  BOOST_CHECK_THROW(output({1, 1, 4, 4}, {1, 1, 0, 2}), ShapeError);
  BOOST_CHECK_THROW(output({1, 1, 0, 4}, {1, 1, 1, 1}, {.padding = 1}), ShapeError);
  BOOST_CHECK_THROW(output({1, 0, 4, 4}, {1, 0, 1, 1}), ShapeError);
  const Index huge = Index{1} << 62;
  BOOST_CHECK_THROW(output({1, 1, 4, 4}, {1, 1, 2, 2}, {.padding = huge}), ShapeError);
}

BOOST_AUTO_TEST_CASE(wrong_numbers_of_axes) {
  BOOST_CHECK_EXCEPTION(output({1, 28, 28}, {6, 1, 5, 5}), ShapeError, says({"x must be", "[1, 28, 28]"}));
  BOOST_CHECK_EXCEPTION(output({1, 1, 28, 28}, {6, 5, 5}), ShapeError, says({"weight must be", "[6, 5, 5]"}));
}

BOOST_DATA_TEST_CASE(tensors_that_do_not_fit, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = arange({2, 1, 4, 4}), weight = arange({3, 1, 2, 2}), bias = arange({2});
  BOOST_CHECK_EXCEPTION(ops::conv2d(x, weight, &bias), ShapeError, says({"bias must be [3], it is [2]"}));
  BOOST_CHECK_EXCEPTION(ops::conv2d_backward(arange({2, 3, 4, 4}), x, weight), ShapeError,
                        says({"grad_y must be [2, 3, 3, 3], it is [2, 3, 4, 4]"}));
  BOOST_CHECK_THROW(ops::conv2d_backward_input(arange({2, 3, 2, 2}), x.shape(), weight), ShapeError);
  Tensor grad_weight = arange({3, 2, 2, 2});
  BOOST_CHECK_THROW(ops::conv2d_backward_weight_into(grad_weight, nullptr, arange({2, 3, 3, 3}), x),
                    ShapeError);
  grad_weight = arange({3, 1, 2, 2});
  Tensor grad_bias = arange({1});
  BOOST_CHECK_THROW(ops::conv2d_backward_weight_into(grad_weight, &grad_bias, arange({2, 3, 3, 3}), x),
                    ShapeError);
}

BOOST_DATA_TEST_CASE(tensors_of_the_wrong_kind, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = arange({2, 1, 4, 4}), weight = arange({3, 1, 2, 2});
  BOOST_CHECK_EXCEPTION(ops::conv2d(Tensor{}, weight, nullptr), StateError,
                        says({"[conv2d] x holds no tensor"}));
  const Tensor pixels = Tensor::zeros({2, 1, 4, 4}, default_device(), DType::u8);
  BOOST_CHECK_EXCEPTION(ops::conv2d(pixels, weight, nullptr), StateError, says({"x is u8, f32 is needed"}));
  const Tensor strided = arange({3, 2, 2, 2}).channels(0, 1);
  BOOST_CHECK_EXCEPTION(ops::conv2d(x, strided, nullptr), StateError, says({"weight is a strided slice"}));
}

BOOST_AUTO_TEST_SUITE_END()

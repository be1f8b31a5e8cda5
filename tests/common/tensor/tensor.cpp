// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "common/tensor/tensor.hpp"
#include "tests/support/close.hpp"

using namespace cnn;
using cnn::test::tensors_close;

BOOST_AUTO_TEST_SUITE(tensor)

namespace {

/// 0, 1, 2, ... in the given shape.
Tensor counting(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  std::iota(values.begin(), values.end(), 0.0F);
  return Tensor::from_values(shape, values);
}

bool says(const Error& e, const std::string& part) {
  return std::string(e.what()).find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_handle_without_tensor) {
  const Tensor nothing;
  BOOST_TEST(!nothing.defined());
  BOOST_TEST(nothing.size() == 0);
  BOOST_TEST(nothing.bytes() == nullptr);
  BOOST_TEST(!nothing.clone().defined());
  BOOST_TEST(!nothing.to({}).defined());
  BOOST_TEST(!nothing.shares_storage_with(nothing));
}

BOOST_AUTO_TEST_CASE(sizes_and_values) {
  const Tensor x = counting({2, 3});
  BOOST_TEST(to_string(x.shape()) == "[2, 3]");
  BOOST_TEST(x.rank() == 2);
  BOOST_TEST(x.size() == 6);
  BOOST_TEST(x.image_stride() == 3);
  BOOST_TEST(x.is_dense());
  BOOST_TEST(to_string(x.dtype()) == "f32");
  const auto [rows, columns] = x.dims<2>();
  BOOST_TEST(rows == 2);
  BOOST_TEST(columns == 3);
  const std::vector<float> expected{0, 1, 2, 3, 4, 5};
  BOOST_TEST(x.values() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(zeros_of_every_type) {
  BOOST_TEST(tensors_close(Tensor::zeros({3}), Tensor::from_values({3}, std::vector<float>{0, 0, 0})));
  BOOST_TEST(Tensor::zeros({2}, {}, DType::i64).labels()[1] == 0);
  BOOST_TEST(Tensor::zeros({2}, {}, DType::u8).pixels()[1] == 0);
}

BOOST_AUTO_TEST_CASE(labels_are_64_bit) {
  const std::vector<std::int64_t> values{1, std::int64_t{1} << 40};
  const Tensor x = Tensor::from_labels({2}, values);
  BOOST_TEST(x.labels()[1] == std::int64_t{1} << 40);
  BOOST_TEST(to_string(x.dtype()) == "i64");
  BOOST_CHECK_THROW(x.values(), StateError);
  BOOST_CHECK_THROW(Tensor::from_labels({3}, values), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_copied_handle_shares_a_clone_does_not) {
  Tensor x = counting({4});
  BOOST_TEST(x.is_sole_owner());
  Tensor shared = x;
  BOOST_TEST(!x.is_sole_owner());
  BOOST_TEST(x.shares_storage_with(shared));
  const Tensor copy = x.clone();
  BOOST_TEST(!x.shares_storage_with(copy));
  shared.values()[0] = 9;
  BOOST_TEST(x.values()[0] == 9);
  BOOST_TEST(copy.values()[0] == 0);
  BOOST_TEST(x.to({}).shares_storage_with(x));  // it is there already
}

BOOST_AUTO_TEST_CASE(impossible_tensors_are_refused) {
  BOOST_CHECK_THROW(Tensor::empty({2, -1}), ShapeError);
  BOOST_CHECK_THROW(Tensor::empty({Index{1} << 62}), ShapeError);
  BOOST_CHECK_THROW(Tensor::from_values({2, 2}, std::vector<float>{1, 2, 3}), ShapeError);
  BOOST_CHECK_THROW(Tensor::empty({1}, {DeviceType::cuda, 1000}), DeviceError);
}

BOOST_AUTO_TEST_CASE(a_wrong_rank_names_the_shape) {
  BOOST_CHECK_EXCEPTION(counting({2, 3}).dims<4>(), ShapeError,
                        [](const Error& e) { return says(e, "[2, 3]"); });
}

BOOST_AUTO_TEST_CASE(reshape_keeps_the_elements) {
  Tensor x = counting({2, 6});
  Tensor y = x.reshape({3, -1});
  BOOST_TEST(to_string(y.shape()) == "[3, 4]");
  BOOST_TEST(y.image_stride() == 4);
  BOOST_TEST(y.shares_storage_with(x));
  y.values()[11] = -1;
  BOOST_TEST(x.values()[11] == -1);
  BOOST_TEST(to_string(counting({1}).reshape({}).shape()) == "[]");
  BOOST_TEST(to_string(Tensor::empty({0, 4}).reshape({-1, 2, 2}).shape()) == "[0, 2, 2]");
}

BOOST_AUTO_TEST_CASE(reshape_refuses_what_does_not_fit) {
  BOOST_CHECK_EXCEPTION(counting({2, 3}).reshape({4, 2}), ShapeError,
                        [](const Error& e) { return says(e, "[2, 3] has 6") && says(e, "[4, 2]"); });
  BOOST_CHECK_THROW(counting({2, 3}).reshape({4, -1}), ShapeError);
  BOOST_CHECK_THROW(counting({2, 3}).reshape({-1, -1}), ShapeError);
  BOOST_CHECK_THROW(counting({2, 4, 1}).channels(0, 2).reshape({4}), StateError);
}

BOOST_AUTO_TEST_CASE(channels_are_a_slice_without_copy) {
  Tensor x = counting({2, 3, 1, 2});
  Tensor slice = x.channels(1, 2);
  BOOST_TEST(to_string(slice.shape()) == "[2, 2, 1, 2]");
  BOOST_TEST(slice.image_stride() == 6);
  BOOST_TEST(!slice.is_dense());
  BOOST_TEST(slice.shares_storage_with(x));
  const Tensor expected = Tensor::from_values({2, 2, 1, 2}, std::vector<float>{2, 3, 4, 5, 8, 9, 10, 11});
  BOOST_TEST(tensors_close(slice, expected));
  BOOST_TEST(slice.clone().is_dense());
  BOOST_CHECK_THROW(slice.values(), StateError);
  slice.copy_from(Tensor::zeros({2, 2, 1, 2}));
  BOOST_TEST(tensors_close(
      x, Tensor::from_values({2, 3, 1, 2}, std::vector<float>{0, 1, 0, 0, 0, 0, 6, 7, 0, 0, 0, 0})));
}

BOOST_AUTO_TEST_CASE(a_slice_of_a_slice) {
  const Tensor slice = counting({2, 4, 1, 1}).channels(1, 3).channels(1, 1);
  BOOST_TEST(tensors_close(slice, Tensor::from_values({2, 1, 1, 1}, std::vector<float>{2, 6})));
  BOOST_TEST(tensors_close(slice.rows(1, 1), Tensor::from_values({1, 1, 1, 1}, std::vector<float>{6})));
}

BOOST_AUTO_TEST_CASE(grows_into_its_reserve_once) {
  const Tensor x = Tensor::with_reserve({2, 1, 1, 2}, 3);
  BOOST_TEST(to_string(x.shape()) == "[2, 1, 1, 2]");
  BOOST_TEST(x.image_stride() == 8);
  const Tensor y = x.grown(2);
  BOOST_TEST(to_string(y.shape()) == "[2, 3, 1, 2]");
  BOOST_TEST(y.size() == 12);
  BOOST_TEST(y.shares_storage_with(x));
  BOOST_TEST(!x.grown(1).defined());                 // y has it
  BOOST_TEST(!y.grown(2).defined());                 // there is one left
  BOOST_TEST(!y.channels(1, 2).grown(1).defined());  // not the first channels
  BOOST_TEST(y.grown(1).is_dense());
  BOOST_TEST(!counting({2, 4}).channels(0, 0).grown(1).defined());
  BOOST_TEST(!Tensor{}.grown(1).defined());
  BOOST_CHECK_THROW(Tensor::with_reserve({2}, 1), ShapeError);
}

BOOST_AUTO_TEST_CASE(channels_of_one_image_are_dense) {
  BOOST_TEST(counting({1, 3, 2, 2}).channels(1, 1).is_dense());
  BOOST_TEST(counting({1, 3, 2, 2}).channels(1, 1).values()[0] == 4);
}

BOOST_AUTO_TEST_CASE(rows_are_a_slice_without_copy) {
  const Tensor x = counting({3, 2});
  BOOST_TEST(tensors_close(x.rows(1, 2), Tensor::from_values({2, 2}, std::vector<float>{2, 3, 4, 5})));
  BOOST_TEST(x.rows(1, 2).is_dense());
  BOOST_TEST(x.rows(3, 0).size() == 0);
}

BOOST_AUTO_TEST_CASE(parts_of_bytes_have_types_of_their_own) {
  const Tensor bytes = Tensor::zeros({12}, {}, DType::u8);
  Tensor floats = bytes.part(4, {1, 2}, DType::f32);
  floats.data()[1] = 1;
  BOOST_TEST(floats.shares_storage_with(bytes));
  BOOST_TEST(tensors_close(floats, Tensor::from_values({1, 2}, std::vector<float>{0, 1})));
  BOOST_TEST(bytes.pixels()[11] ==
             0x3f);  // the first byte of 1.0F, on little-endian machines the last in memory
  BOOST_TEST(bytes.part(11, {1}, DType::u8).pixels()[0] == 0x3f);
  BOOST_CHECK_THROW(bytes.part(8, {2}, DType::f32), ShapeError);
  BOOST_CHECK_THROW(bytes.part(2, {1}, DType::f32), ShapeError);
  BOOST_CHECK_THROW(bytes.part(-4, {1}, DType::f32), ShapeError);
  BOOST_CHECK_THROW(floats.part(0, {1}, DType::u8), ShapeError);
}

BOOST_AUTO_TEST_CASE(slices_beyond_the_end_are_refused) {
  const Tensor x = counting({3, 4});
  BOOST_CHECK_EXCEPTION(x.channels(3, 2), ShapeError, [](const Error& e) { return says(e, "[3, 4]"); });
  BOOST_CHECK_THROW(x.channels(-1, 2), ShapeError);
  BOOST_CHECK_THROW(x.channels(0, -1), ShapeError);
  BOOST_CHECK_THROW(counting({3}).channels(0, 1), ShapeError);
  BOOST_CHECK_THROW(x.rows(2, 2), ShapeError);
  BOOST_CHECK_THROW(x.rows(0, 4), ShapeError);
}

BOOST_AUTO_TEST_CASE(item_is_the_only_element) {
  BOOST_TEST(Tensor::from_values({1, 1}, std::vector<float>{2.5F}).item() == 2.5F);
  BOOST_CHECK_THROW(counting({2}).item(), ShapeError);
  BOOST_CHECK_THROW(Tensor::zeros({1}, {}, DType::i64).item(), ShapeError);
}

BOOST_AUTO_TEST_CASE(copy_from_checks_shape_and_type) {
  Tensor x = Tensor::zeros({2, 2});
  x.copy_from(counting({2, 2}));
  BOOST_TEST(x.values()[3] == 3);
  BOOST_CHECK_THROW(x.copy_from(counting({4})), ShapeError);
  BOOST_CHECK_THROW(x.copy_from(Tensor::zeros({2, 2}, {}, DType::i64)), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_moved_tensor_gives_its_block_back) {
  const Index before = memory_stats().in_use;
  {
    Tensor x = counting({1000});
    const Tensor y = std::move(x);
    BOOST_TEST(y.is_sole_owner());
  }
  BOOST_TEST(memory_stats().in_use == before);
}

BOOST_AUTO_TEST_CASE(comparison_names_the_first_difference) {  // the helper of all other tests
  Tensor x = counting({2, 3});
  x.values()[4] = 4.5F;
  const auto result = tensors_close(x, counting({2, 3}));
  BOOST_TEST(!result);
  const auto text = result.message();
  const std::string message(text.begin(), text.end());
  BOOST_TEST(message.find("at [1, 1]: 4.5 is not 4 ") != std::string::npos, message);
  BOOST_TEST(tensors_close(x, counting({2, 3}), {.absolute = 0.5}));
  BOOST_TEST(tensors_close(x, counting({2, 3}), {.relative = 0.125}));
  BOOST_TEST(!tensors_close(x, counting({3, 2})));
  x.values()[0] = std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(!tensors_close(x, counting({2, 3}), {.absolute = 1}));
}

BOOST_AUTO_TEST_SUITE_END()

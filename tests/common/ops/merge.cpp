// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

#include "common/ops/merge.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::on_device;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(merge)

BOOST_DATA_TEST_CASE(by_hand, test::backends(), backend) {
  const BackendScope scope(backend);
  const Tensor a = on_device(Tensor::from_values({2, 1, 1, 2}, std::vector<float>{1, 2, 3, 4}));
  const Tensor b =
      on_device(Tensor::from_values({2, 2, 1, 2}, std::vector<float>{5, 6, 7, 8, 9, 10, 11, 12}));
  const Tensor y = ops::concat_channels(std::vector<Tensor>{a, b});
  BOOST_TEST(tensors_close(
      y, Tensor::from_values({2, 3, 1, 2}, std::vector<float>{1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12})));
  BOOST_TEST(tensors_close(ops::channel_slice(y, 0, 1), a));
  BOOST_TEST(tensors_close(ops::channel_slice(y, 1, 2), b));
}

BOOST_DATA_TEST_CASE(slices_come_back_from_large_batches, test::backends(), backend) {
  const BackendScope scope(backend);
  const test::ThreadScope threads(3);
  const Tensor a = on_device(test::random_tensor({37, 3, 5, 2}, 1));
  const Tensor b = on_device(test::random_slice({37, 4, 5, 2}, 2));
  const Tensor c = on_device(test::random_tensor({37, 1, 5, 2}, 3));
  const Tensor y = ops::concat_channels(std::vector<Tensor>{a, b, c});
  BOOST_TEST(tensors_close(ops::channel_slice(y, 0, 3), a));
  BOOST_TEST(tensors_close(ops::channel_slice(y, 3, 4), b));
  BOOST_TEST(tensors_close(ops::channel_slice(y, 7, 1), c));
}

BOOST_AUTO_TEST_CASE(a_slice_is_a_dense_copy) {
  const BackendScope scope("reference");
  const Tensor x = test::random_tensor({3, 4, 2, 2}, 1);
  for (const Index count : {4, 2}) {
    const Tensor slice = ops::channel_slice(x, 0, count);
    BOOST_TEST(slice.is_dense());
    BOOST_TEST(!slice.shares_storage_with(x));
  }
  BOOST_CHECK_THROW(ops::channel_slice(x, 3, 2), ShapeError);
  BOOST_TEST(ops::channel_slice(x, 4, 0).size() == 0);
}

BOOST_AUTO_TEST_CASE(rows_and_empty_parts) {
  const BackendScope scope("reference");
  const Tensor rows = Tensor::from_values({2, 1}, std::vector<float>{1, 2});
  const Tensor y = ops::concat_channels(std::vector<Tensor>{rows, Tensor::zeros({2, 0}), rows});
  BOOST_TEST(tensors_close(y, Tensor::from_values({2, 2}, std::vector<float>{1, 1, 2, 2})));
}

BOOST_AUTO_TEST_CASE(parts_that_disagree_are_refused) {
  const BackendScope scope("reference");
  const auto refused = [](const std::vector<Tensor>& parts, const std::string& text) {
    BOOST_CHECK_EXCEPTION(ops::concat_channels(parts), ShapeError, [&](const ShapeError& e) {
      BOOST_TEST_MESSAGE(e.what());
      return std::string(e.what()).find(text) != std::string::npos;
    });
  };
  refused({}, "[concat] there is nothing to put together");
  refused({Tensor::zeros({2})}, "parts must be [n, c, ...]; the first one is [2]");
  refused({Tensor::zeros({2, 1, 4, 4}), Tensor::zeros({2, 3, 4, 5})},
          "[concat] part 1 is [2, 3, 4, 5], part 0 is [2, 1, 4, 4]; all but the channels must agree");
  refused({Tensor::zeros({2, 1, 4, 4}), Tensor::zeros({3, 1, 4, 4})}, "must agree");
  refused({Tensor::zeros({2, 1, 4, 4}), Tensor::zeros({2, 1})}, "must agree");
}

BOOST_AUTO_TEST_SUITE_END()

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
  BOOST_TEST(tensors_close(y.channels(0, 1), a));
  BOOST_TEST(tensors_close(y.channels(1, 2), b));
}

BOOST_DATA_TEST_CASE(slices_come_back_from_large_batches, test::backends(), backend) {
  const BackendScope scope(backend);
  const test::ThreadScope threads(3);
  const Tensor a = on_device(test::random_tensor({37, 3, 5, 2}, 1));
  const Tensor b = on_device(test::random_slice({37, 4, 5, 2}, 2));
  const Tensor c = on_device(test::random_tensor({37, 1, 5, 2}, 3));
  const Tensor y = ops::concat_channels(std::vector<Tensor>{a, b, c});
  BOOST_TEST(tensors_close(y.channels(0, 3), a));
  BOOST_TEST(tensors_close(y.channels(3, 4), b));
  BOOST_TEST(tensors_close(y.channels(7, 1), c));
}

BOOST_DATA_TEST_CASE(channels_go_into_the_reserve_of_the_first_part, test::backends(), backend) {
  const BackendScope scope(backend);
  const Tensor a = on_device(test::random_tensor({9, 2, 3, 3}, 1));
  const Tensor b = on_device(test::random_tensor({9, 3, 3, 3}, 2));
  const Tensor ab = ops::concat_channels(std::vector<Tensor>{a, b}, {.reserve = 4});
  BOOST_TEST(!ab.is_dense());
  const Tensor aba = ops::concat_channels(std::vector<Tensor>{ab, a}, {.grow = true});
  BOOST_TEST(aba.shares_storage_with(ab));
  const Tensor taken = ops::concat_channels(std::vector<Tensor>{ab, b}, {.grow = true});
  BOOST_TEST(!taken.shares_storage_with(ab));  // aba has the reserve
  const Tensor full = ops::concat_channels(std::vector<Tensor>{aba, b}, {.grow = true});
  BOOST_TEST(!full.shares_storage_with(ab));  // 2 channels are left
  const Tensor abaa = ops::concat_channels(std::vector<Tensor>{aba, a}, {.grow = true});
  BOOST_TEST(abaa.shares_storage_with(ab));
  BOOST_TEST(abaa.is_dense());
  BOOST_TEST(tensors_close(abaa, ops::concat_channels(std::vector<Tensor>{a, b, a, a})));
  BOOST_TEST(tensors_close(taken, ops::concat_channels(std::vector<Tensor>{a, b, b})));
  BOOST_TEST(tensors_close(full, ops::concat_channels(std::vector<Tensor>{a, b, a, b})));
}

BOOST_AUTO_TEST_CASE(a_slice_of_any_tensor_has_no_reserve) {
  const BackendScope scope("reference");
  const Tensor x = test::random_tensor({3, 4, 2, 2}, 1);
  const Tensor before = x.clone(), new_channels = test::random_tensor({3, 1, 2, 2}, 2);
  for (const Index count : {0, 1, 3})
    ops::concat_channels(std::vector<Tensor>{x.channels(0, count), new_channels}, {.grow = true});
  BOOST_TEST(tensors_close(x, before));
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

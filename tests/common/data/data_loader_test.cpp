// SPDX-License-Identifier: MIT
#include "common/data/data_loader.hpp"

#include <boost/test/unit_test.hpp>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "tests/common/data/whole_data_set.hpp"

BOOST_AUTO_TEST_SUITE(data_loader)

namespace {

using namespace cnn;
using data::Batch;
using data::DataLoader;
using data::Dataset;
using Labels = std::vector<std::int64_t>;

constexpr Index lenet_draws = 44426;
constexpr Index alexnet_draws = 46764746;

static_assert(std::input_iterator<data::BatchIterator>);
static_assert(std::sentinel_for<std::default_sentinel_t, data::BatchIterator>);

/// Images of one pixel, image i labelled i, so that labels show the order.
Dataset numbered(Index count) {
  Dataset set{Tensor::zeros({count, 1, 1}, {}, DType::u8), Tensor::empty({count}, {}, DType::i64)};
  for (Index i = 0; i < count; ++i) {
    set.images.pixels()[i] = static_cast<std::uint8_t>(i % 256);
    set.labels.labels()[i] = i;
  }
  return set;
}

Labels labels_of(const Batch& batch) { return {batch.labels.labels(), batch.labels.labels() + batch.size()}; }

Labels all_labels(data::Epoch epoch) {
  Labels all;
  for (const Batch& batch : epoch) {
    const Labels labels = labels_of(batch);
    all.insert(all.end(), labels.begin(), labels.end());
  }
  return all;
}

double sum_of(const Tensor& images) {
  double sum = 0;
  for (const float value : images.values()) sum += value;
  return sum;
}

void skip(Rng& rng, Index draws) {
  for (Index i = 0; i < draws; ++i) rng.draw();
}

}  // namespace

BOOST_AUTO_TEST_CASE(cuts_images_into_batches) {
  Rng rng(0);
  DataLoader loader(numbered(10), {.batch_size = 4, .image_size = 1}, rng);
  BOOST_TEST(loader.size() == 3);
  BOOST_TEST(loader.image_count() == 10);
  std::vector<Labels> batches;
  for (const Batch& batch : loader) {
    BOOST_TEST(batch.first == static_cast<Index>(batches.size()));
    BOOST_TEST(batch.images.shape() == (Shape{batch.size(), 1, 1, 1}), boost::test_tools::per_element());
    for (Index i = 0; i < batch.size(); ++i) {
      BOOST_TEST(batch.images.data()[i] == static_cast<float>(batch.labels.labels()[i]) / 255.0F);
    }
    batches.push_back(labels_of(batch));
  }
  BOOST_TEST((batches == std::vector<Labels>{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}}));
}

BOOST_AUTO_TEST_CASE(scales_pixels_to_one) {
  Dataset set{Tensor::empty({1, 2, 2}, {}, DType::u8), Tensor::zeros({1}, {}, DType::i64)};
  const std::uint8_t pixels[] = {0, 1, 128, 255};
  std::copy(pixels, pixels + 4, set.images.pixels());
  Rng rng(0);
  DataLoader loader(set, {.image_size = 2}, rng);
  const float expected[] = {0.0F, 0.00392156886F, 0.501960814F, 1.0F};
  const Tensor images = loader.begin()->images;
  BOOST_TEST(images.values() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shuffles_as_pytorch) {
  Rng rng(7);
  skip(rng, lenet_draws);
  DataLoader loader(numbered(60000), {.batch_size = 8, .image_size = 1, .shuffle = true}, rng);
  const Labels expected{7678, 38216, 33008, 53546, 12972, 30648, 49203, 37482};
  BOOST_TEST(labels_of(*loader.begin()) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_epoch_has_every_image_once_in_a_new_order) {
  Rng rng(1);
  DataLoader loader(numbered(37), {.batch_size = 5, .image_size = 1, .shuffle = true}, rng);
  Labels first = all_labels(loader.epoch());
  Labels second = all_labels(loader.epoch());
  BOOST_TEST((first != second));
  const Labels sorted = all_labels(DataLoader(numbered(37), {.image_size = 1}, rng).epoch());
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  BOOST_TEST(first == sorted, boost::test_tools::per_element());
  BOOST_TEST(second == sorted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(draws_two_numbers_with_shuffling_and_one_without) {
  for (const bool shuffle : {false, true}) {
    Rng rng(5);
    Rng expected(5);
    DataLoader loader(numbered(20), {.batch_size = 4, .image_size = 1, .shuffle = shuffle}, rng);
    for (int epoch = 0; epoch < 2; ++epoch) {
      const data::Epoch batches = loader.epoch();
      for (int draw = 0; draw < (shuffle ? 2 : 1); ++draw) expected.draw64();
      BOOST_TEST(rng.state() == expected.state());  // before a batch is taken ...
      all_labels(batches);
      BOOST_TEST(rng.state() == expected.state());  // ... and after the last one
    }
  }
}

BOOST_AUTO_TEST_CASE(an_epoch_can_start_at_any_batch) {
  const auto rest_of_epoch = [](Index first) {
    Rng rng(11);
    DataLoader loader(numbered(22), {.batch_size = 4, .image_size = 1, .shuffle = true}, rng);
    return std::pair(all_labels(loader.epoch(first)), rng.state());
  };
  const auto [whole, state] = rest_of_epoch(0);
  for (Index first = 0; first <= 6; ++first) {
    const auto [rest, state_after] = rest_of_epoch(first);
    const Labels expected(whole.begin() + std::min<Index>(first * 4, 22), whole.end());
    BOOST_TEST(rest == expected, boost::test_tools::per_element());
    BOOST_TEST(state_after == state);
  }
  Rng rng(0);
  DataLoader loader(numbered(22), {.batch_size = 4, .image_size = 1}, rng);
  BOOST_TEST((*loader.epoch(3).begin()).first == 3);
  BOOST_CHECK_THROW(loader.epoch(-1), UsageError);
  BOOST_CHECK_THROW(loader.epoch(7), UsageError);
}

BOOST_AUTO_TEST_CASE(one_batch_may_hold_everything) {
  Rng rng(0);
  DataLoader loader(numbered(3), {.batch_size = 1000, .image_size = 1}, rng);
  BOOST_TEST(loader.size() == 1);
  BOOST_TEST(all_labels(loader.epoch()) == (Labels{0, 1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(resizes_images) {
  const Dataset set = data::synthetic(5, 7, 5, 0);
  const Tensor expected = data::resize_bilinear(set.images, 12, 12);
  Rng rng(0);
  DataLoader loader(set, {.batch_size = 2, .image_size = 12}, rng);
  for (const Batch& batch : loader) {
    BOOST_TEST(batch.images.shape() == (Shape{batch.size(), 1, 12, 12}), boost::test_tools::per_element());
    const std::uint8_t* const pixels = expected.pixels() + batch.first * 2 * 144;
    for (Index i = 0; i < batch.images.size(); ++i) {
      BOOST_TEST(batch.images.data()[i] == static_cast<float>(pixels[i]) / 255.0F);
    }
  }
}

BOOST_AUTO_TEST_CASE(batches_can_be_moved_away) {
  Rng rng(0);
  DataLoader loader(numbered(6), {.batch_size = 2, .image_size = 1}, rng);
  std::vector<Tensor> images;
  for (Batch& batch : loader) {
    images.push_back(std::move(batch.images));
    BOOST_TEST(images.back().is_sole_owner());
  }
  BOOST_TEST(images[2].data()[1] == 5.0F / 255.0F);
}

BOOST_AUTO_TEST_CASE(an_epoch_may_be_left_early) {
  Rng rng(0);
  DataLoader loader(numbered(1000), {.batch_size = 1, .image_size = 1, .shuffle = true}, rng);
  for (int i = 0; i < 20; ++i) {
    for (const Batch& batch : loader) {
      if (batch.first == i) break;
    }
    loader.epoch();  // or not be started
    BOOST_CHECK_THROW(
        for (const Batch& batch
             : loader) {
          if (batch.first == 2) throw std::runtime_error("a step failed");
        },
        std::runtime_error);
  }
}

BOOST_AUTO_TEST_CASE(an_epoch_outlives_its_loader) {
  Rng rng(0);
  data::Epoch epoch = [&] {
    DataLoader loader(numbered(9), {.batch_size = 2, .image_size = 3}, rng);
    return loader.epoch();
  }();
  BOOST_TEST(all_labels(epoch) == (Labels{0, 1, 2, 3, 4, 5, 6, 7, 8}), boost::test_tools::per_element());
  BOOST_TEST(all_labels(epoch).empty());  // walked over once
}

BOOST_AUTO_TEST_CASE(refuses_wrong_arguments) {
  Rng rng(0);
  const Dataset set = numbered(4);
  BOOST_CHECK_THROW(DataLoader(set, {.batch_size = 0}, rng), UsageError);
  BOOST_CHECK_THROW(DataLoader(set, {.batch_size = -3}, rng), UsageError);
  BOOST_CHECK_THROW(DataLoader(set, {.image_size = 0}, rng), UsageError);
  BOOST_CHECK_THROW(DataLoader(set, {.image_size = 4097}, rng), UsageError);
  BOOST_CHECK_THROW(DataLoader(set.first(0), {}, rng), DataError);
  BOOST_CHECK_THROW(DataLoader({set.images, numbered(3).labels}, {}, rng), DataError);
  BOOST_CHECK_THROW(DataLoader({Tensor::zeros({4, 1, 1}), set.labels}, {}, rng), DataError);
}

BOOST_AUTO_TEST_CASE(gives_pytorchs_batches_of_lenet,
                     *boost::unit_test::precondition(cnn::test::whole_data_set)) {
  Rng rng(0);
  skip(rng, lenet_draws);
  DataLoader loader(data::load_fashion_mnist({}, data::Split::train), {.batch_size = 256, .shuffle = true},
                    rng);
  const std::vector<Labels> labels{
      {5, 9, 3, 6, 8, 7, 2, 8}, {6, 6, 0, 5, 7, 9, 0, 1}, {5, 6, 9, 0, 8, 3, 0, 0}};
  const double sums[] = {58405.00106599415, 59126.20890504448, 56474.863762883004};
  for (const Batch& batch : loader) {
    const auto i = static_cast<std::size_t>(batch.first);
    if (i == labels.size()) break;
    const Labels all = labels_of(batch);
    BOOST_TEST(Labels(all.begin(), all.begin() + 8) == labels[i], boost::test_tools::per_element());
    BOOST_TEST(sum_of(batch.images) == sums[i], boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(gives_pytorchs_first_batch_of_alexnet,
                     *boost::unit_test::precondition(cnn::test::whole_data_set)) {
  Rng rng(0);
  skip(rng, alexnet_draws);
  const Dataset train = data::load_fashion_mnist({}, data::Split::train);
  DataLoader loader(train, {.batch_size = 16, .image_size = 224, .shuffle = true}, rng);
  const Batch batch = *loader.begin();
  const Labels all = labels_of(batch);
  BOOST_TEST(Labels(all.begin(), all.begin() + 8) == (Labels{0, 9, 7, 4, 2, 9, 2, 6}),
             boost::test_tools::per_element());
  BOOST_TEST(sum_of(batch.images) == 242973.7779056006, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()

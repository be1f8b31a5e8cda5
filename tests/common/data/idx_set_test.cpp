// SPDX-License-Identifier: MIT

// Data sets in the format of Fashion-MNIST, of other sizes, channels and classes.

#include <boost/test/unit_test.hpp>

#include "common/data/data_loader.hpp"
#include "common/data/fashion_mnist.hpp"
#include "common/data/idx_reader.hpp"
#include "tests/common/data/files.hpp"

BOOST_AUTO_TEST_SUITE(idx_set)

namespace {

using namespace cnn;
using namespace cnn::test;

Bytes labels_up_to(std::uint32_t n, std::uint32_t classes) {
  Bytes bytes = idx_header({0x801, n});
  for (std::uint32_t i = 0; i < n; ++i) bytes.push_back(static_cast<std::uint8_t>(i % classes));
  return bytes;
}

/// A data set of grey images, with a prefix before the names of its files.
void write_set(const DataFolder& folder, const std::string& prefix, std::uint32_t side,
               std::uint32_t classes) {
  for (const std::string part : {"train", "test"}) {
    const std::uint32_t n = part == "train" ? 2 * classes : classes;
    folder.write(prefix + part + "-images-idx3-ubyte",
                 idx_header({0x803, n, side, side}) + Bytes(n * side * side, 7));
    folder.write(prefix + part + "-labels-idx1-ubyte", labels_up_to(n, classes));
  }
}

std::vector<int> pixels_of(const Tensor& images) {
  return {images.pixels(), images.pixels() + images.size()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(has_the_classes_of_its_training_labels) {
  const DataFolder folder;
  write_set(folder, "", 20, 47);
  const data::ImageSet set = data::load_idx_set(folder.path());
  BOOST_TEST(set.classes() == 47);
  BOOST_TEST(set.class_names.back() == "46");
  BOOST_TEST(set.channels == 1);
  BOOST_TEST(set.train.images.shape() == (Shape{94, 20, 20}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_fashion_mnist_is_named_after_its_garments) {
  const data::ImageSet set = data::load_idx_set(std::filesystem::path(CNN_SOURCE_DIR) / "data" / "fixtures");
  BOOST_TEST((set.class_names == data::class_names()));
  const DataFolder folder;
  write_set(folder, "", 27, 10);  // ten classes, but no garments
  BOOST_TEST(data::load_idx_set(folder.path()).class_names[9] == "9");
}

BOOST_AUTO_TEST_CASE(is_found_under_the_names_of_emnist) {
  const DataFolder folder;
  write_set(folder, "emnist-balanced-", 28, 47);
  BOOST_TEST(data::load_idx_set(folder.path()).classes() == 47);
  write_set(folder, "emnist-letters-", 28, 27);
  BOOST_CHECK_EXCEPTION(data::load_idx_set(folder.path()), DataError,
                        mentions({"emnist-balanced-", "emnist-letters-", "a folder of their own"}));
}

BOOST_AUTO_TEST_CASE(may_be_coloured) {
  const DataFolder folder;
  const Bytes interleaved{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};  // one image of 2 x 2 pixels
  const Tensor pixels =
      data::read_idx_images(folder.write("a", idx_header({0x804, 1, 2, 2, 3}) + interleaved));
  BOOST_TEST(pixels.shape() == (Shape{1, 3, 2, 2}), boost::test_tools::per_element());
  const std::vector<int> planes{1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12};
  BOOST_TEST(pixels_of(pixels) == planes, boost::test_tools::per_element());
  const Bytes planar(planes.begin(), planes.end());
  BOOST_TEST(
      pixels_of(data::read_idx_images(folder.write("b", idx_header({0x804, 1, 3, 2, 2}) + planar))) == planes,
      boost::test_tools::per_element());
  const Tensor grey = data::read_idx_images(folder.write("c", idx_header({0x804, 3, 2, 2, 1}) + interleaved));
  BOOST_TEST(grey.shape() == (Shape{3, 2, 2}), boost::test_tools::per_element());
  BOOST_CHECK_EXCEPTION(
      data::read_idx_images(folder.write("d", idx_header({0x804, 1, 2, 3, 2}) + interleaved)), DataError,
      mentions({"[1, 2, 3, 2]", "1 or 3 channels"}));
}

BOOST_AUTO_TEST_CASE(coloured_images_reach_a_batch_plane_by_plane) {
  Rng rng(0);
  data::Dataset set{Tensor::empty({2, 3, 2, 2}, {}, DType::u8), Tensor::zeros({2}, {}, DType::i64)};
  for (int i = 0; i < 24; ++i) set.images.pixels()[i] = static_cast<std::uint8_t>(i / 4 * 51 % 256);
  data::DataLoader loader(set, {.batch_size = 2, .image_size = 3}, rng);
  const data::Batch batch = *loader.begin();
  BOOST_TEST(batch.images.shape() == (Shape{2, 3, 3, 3}), boost::test_tools::per_element());
  for (Index i = 0; i < 54; ++i)
    BOOST_TEST(batch.images.data()[i] == static_cast<float>(i / 9 * 51 % 256) / 255.0F);
}

BOOST_AUTO_TEST_CASE(whose_parts_do_not_belong_together_is_refused) {
  const DataFolder folder;
  write_set(folder, "", 4, 3);
  folder.write("test-labels-idx1-ubyte", idx_header({0x801, 3}) + Bytes{0, 3, 1});
  BOOST_CHECK_EXCEPTION(data::load_idx_set(folder.path()), DataError,
                        mentions({"test images is 3", "classes 0 to 2"}));
  folder.write("test-labels-idx1-ubyte", labels_up_to(3, 3));
  folder.write("test-images-idx3-ubyte", idx_header({0x804, 3, 2, 2, 3}) + Bytes(36));
  BOOST_CHECK_EXCEPTION(data::load_idx_set(folder.path()), DataError,
                        mentions({"channels are 1 in the training images", "3 in the test images"}));
}

BOOST_AUTO_TEST_SUITE_END()

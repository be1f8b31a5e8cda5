// SPDX-License-Identifier: MIT

// Folders of class folders with pictures.

#include "common/train/image_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "common/core/check.hpp"
#include "common/io/image.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

/// Writes a picture of one value.
void paint(const fs::path& path, float value, Index channels = 1, Index h = 5, Index w = 9) {
  fs::create_directories(path.parent_path());
  Tensor pixels = Tensor::zeros({channels, h, w});
  std::fill_n(pixels.data(), h * w, value);  // of three channels the red one
  io::write_png(path, pixels);
}

std::vector<std::int64_t> labels_of(const data::Dataset& set) {
  return {set.labels.labels(), set.labels.labels() + set.size()};
}

std::string refusal(const fs::path& folder) {
  try {
    load_image_folder(folder, 4);
  } catch (const DataError& e) {
    return e.what();
  }
  return "nothing was refused";
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(image_folder, test::TemporaryFolder)

BOOST_AUTO_TEST_CASE(gives_every_fifth_picture_of_a_class_to_the_test) {
  for (int k = 0; k < 11; ++k)
    paint(*this / ("b/" + std::string(1, static_cast<char>('K' + k)) + ".png"), 0.1F * static_cast<float>(k));
  paint(*this / "a/0.png", 1);
  paint(*this / "a/1.PNG", 1);
  const data::ImageSet set = load_image_folder(path(), 4);
  BOOST_TEST((set.class_names == std::vector<std::string>{"a", "b"}));
  BOOST_TEST(set.train.images.shape() == (Shape{11, 4, 4}), boost::test_tools::per_element());
  BOOST_TEST((labels_of(set.train) == std::vector<std::int64_t>{0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1}));
  BOOST_TEST((labels_of(set.test) == std::vector<std::int64_t>{1, 1}));
  BOOST_TEST(int{set.test.images.pixels()[0]} == 102);   // the fifth: 0.4
  BOOST_TEST(int{set.test.images.pixels()[16]} == 230);  // the tenth: 0.9
}

BOOST_AUTO_TEST_CASE(takes_the_folders_train_and_test) {
  for (const char* file : {"train/x/1.png", "train/x/2.png", "train/y/1.png", "test/y/1.png"})
    paint(*this / file, 1);
  fs::create_directories(*this / "test/x");  // nothing to test of a class is fine
  const data::ImageSet set = load_image_folder(path(), 4);
  BOOST_TEST((labels_of(set.train) == std::vector<std::int64_t>{0, 1, 0}));
  BOOST_TEST((labels_of(set.test) == std::vector<std::int64_t>{1}));
  paint(*this / "test/z/1.png", 1);
  BOOST_TEST(holds(refusal(path()), "test/z is of no class of the training pictures (x, y)"),
             refusal(path()));
}

BOOST_AUTO_TEST_CASE(has_three_channels_as_soon_as_one_picture_is_coloured) {
  for (const char* file : {"train/x/1.png", "train/y/1.png"}) paint(*this / file, 0.2F);
  paint(*this / "test/y/1.png", 1, 3);
  const data::ImageSet set = load_image_folder(path(), 4);
  BOOST_TEST(set.channels == 3);
  BOOST_TEST(set.train.images.shape() == (Shape{2, 3, 4, 4}), boost::test_tools::per_element());
  BOOST_TEST(int{set.train.images.pixels()[95]} == 51);  // grey is the same in every channel
  BOOST_TEST(int{set.test.images.pixels()[15]} == 255);
  BOOST_TEST(int{set.test.images.pixels()[16]} == 0);
}

BOOST_AUTO_TEST_CASE(passes_over_what_is_no_picture) {
  for (const char* file :
       {"train/x/1.png", "train/y/1.png", "test/y/1.png", "train/x/more/2.png", "train/.cache/1.png"})
    paint(*this / file, 1);
  for (const char* file : {"train/x/notes.txt", "train/x/.1.png", "train/labels.csv"})
    std::ofstream(*this / file) << "text";
  BOOST_TEST(load_image_folder(path(), 4).train.size() == 2);
}

BOOST_AUTO_TEST_CASE(that_cannot_be_learned_from_is_refused) {
  BOOST_TEST(holds(refusal(path()), "no class folder"));
  for (int k = 0; k < 5; ++k) paint(*this / ("x/" + std::to_string(k) + ".png"), 1);
  BOOST_TEST(holds(refusal(path()), "only one class"));
  fs::create_directories(*this / "y");
  BOOST_TEST(holds(refusal(path()), "y holds no PNG or JPEG"));
  paint(*this / "y/1.png", 1);
  BOOST_TEST(load_image_folder(path(), 4).test.size() == 1);
  fs::remove(*this / "x/4.png");
  BOOST_TEST(holds(refusal(path()), "no picture to test with"));
}

BOOST_AUTO_TEST_CASE(with_a_broken_picture_names_it) {
  for (const char* file : {"train/x/1.png", "train/y/1.png", "test/y/1.png"}) paint(*this / file, 1);
  std::ofstream(*this / "train/y/broken.jpg") << "no picture";
  BOOST_TEST(holds(refusal(path()), "train/y/broken.jpg"), refusal(path()));
}

BOOST_AUTO_TEST_SUITE_END()

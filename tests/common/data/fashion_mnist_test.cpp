// SPDX-License-Identifier: MIT
#include "common/data/fashion_mnist.hpp"

#include <boost/test/unit_test.hpp>

#include "common/data/idx_reader.hpp"
#include "tests/common/data/files.hpp"
#include "tests/common/data/whole_data_set.hpp"

BOOST_AUTO_TEST_SUITE(fashion_mnist)

namespace {

using namespace cnn;
using namespace cnn::test;
namespace fs = std::filesystem;

const fs::path fixtures = fs::path(CNN_SOURCE_DIR) / "data" / "fixtures";

/// A folder with copies of the fixtures, to be damaged.
struct Copies {
  Copies() {
    for (const auto& entry : fs::directory_iterator(fixtures)) {
      if (entry.path().extension() == ".gz")
        fs::copy_file(entry.path(), folder.path() / entry.path().filename());
    }
  }
  fs::path file(const std::string& name) const { return folder.path() / name; }
  DataFolder folder;
};

std::vector<std::int64_t> first_labels(const data::Dataset& set) {
  return {set.labels.labels(), set.labels.labels() + 8};
}

}  // namespace

BOOST_AUTO_TEST_CASE(reads_the_fixtures) {
  const data::ImageSet set = data::load_fashion_mnist(fixtures);
  BOOST_TEST(set.train.images.shape() == (Shape{320, 28, 28}), boost::test_tools::per_element());
  BOOST_TEST(set.test.images.shape() == (Shape{160, 28, 28}), boost::test_tools::per_element());
  BOOST_TEST(first_labels(set.train) == (std::vector<std::int64_t>{9, 0, 0, 3, 0, 2, 7, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(first_labels(set.test) == (std::vector<std::int64_t>{9, 2, 1, 1, 6, 1, 4, 6}),
             boost::test_tools::per_element());
  BOOST_TEST(data::class_names()[9] == "ankle boot");
}

BOOST_FIXTURE_TEST_CASE(reads_one_part_without_the_other, Copies) {
  fs::remove(file("train-images-idx3-ubyte.gz"));
  BOOST_TEST(data::load_fashion_mnist(folder.path(), data::Split::test).size() == 160);
  BOOST_CHECK_EXCEPTION(
      data::load_fashion_mnist(folder.path(), data::Split::train), DataError,
      mentions({folder.path().string(), "train-images-idx3-ubyte.gz", "fetch_fashion_mnist.sh"}));
}

BOOST_FIXTURE_TEST_CASE(takes_decompressed_files_too, Copies) {
  const Bytes labels = idx_header({0x801, 160}) + Bytes(160, 4);
  fs::remove(file("t10k-labels-idx1-ubyte.gz"));
  folder.write("t10k-labels-idx1-ubyte", labels);
  BOOST_TEST(data::load_fashion_mnist(folder.path(), data::Split::test).labels.labels()[159] == 4);
}

/// The file is whole: to get it anew would not help.
BOOST_FIXTURE_TEST_CASE(refuses_labels_above_nine, Copies) {
  fs::remove(file("t10k-labels-idx1-ubyte.gz"));
  for (const int label : {10, 26, 46, 255}) {  // 26: EMNIST's letters; 46: its balanced classes
    Bytes labels(160, 4);
    labels[33] = static_cast<std::uint8_t>(label);
    folder.write("t10k-labels-idx1-ubyte", idx_header({0x801, 160}) + labels);
    BOOST_CHECK_EXCEPTION(data::load_fashion_mnist(folder.path(), data::Split::test), DataError,
                          [&](const DataError& error) {
                            return mentions({"t10k-labels-idx1-ubyte: label 33 is " + std::to_string(label),
                                             "classes 0 to 9", "of another data set", "--data"})(error) &&
                                   std::string(error.what()).find("anew") == std::string::npos;
                          });
  }
}

/// Names under which the four files are found in the wild, and which of them are compressed.
BOOST_FIXTURE_TEST_CASE(takes_files_named_with_a_dot, Copies) {
  for (const char* name : {"train-images", "t10k-images"})
    fs::rename(file(std::string(name) + "-idx3-ubyte.gz"), file(std::string(name) + ".idx3-ubyte.gz"));
  for (const char* name : {"train-labels", "t10k-labels"}) {
    const Tensor labels = data::read_idx_labels(file(std::string(name) + "-idx1-ubyte.gz"));
    fs::remove(file(std::string(name) + "-idx1-ubyte.gz"));
    Bytes bytes = idx_header({0x801, static_cast<std::uint32_t>(labels.size())});
    bytes.insert(bytes.end(), labels.labels(), labels.labels() + labels.size());
    folder.write(std::string(name) + ".idx1-ubyte", bytes);
  }
  BOOST_TEST(data::find_fashion_mnist(folder.path()) == folder.path());
  const data::ImageSet set = data::load_fashion_mnist(folder.path());
  BOOST_TEST(set.train.size() == 320);
  BOOST_TEST(first_labels(set.test) == (std::vector<std::int64_t>{9, 2, 1, 1, 6, 1, 4, 6}),
             boost::test_tools::per_element());
}

/// As one archive is unpacked: train-images-idx3-ubyte/train-images-idx3-ubyte, and the same beside it with a dot.
BOOST_FIXTURE_TEST_CASE(takes_files_in_folders_of_their_names, Copies) {
  const std::string name = "t10k-labels-idx1-ubyte";
  fs::remove(file(name + ".gz"));
  fs::create_directory(file(name));
  const Bytes bytes = idx_header({0x801, 160}) + Bytes(160, 4);
  folder.write(name + "/" + name, bytes);
  BOOST_TEST(data::load_fashion_mnist(folder.path(), data::Split::test).labels.labels()[159] == 4);
  fs::remove(file(name) / name);
  folder.write("t10k-labels.idx1-ubyte", bytes);
  BOOST_TEST(data::load_fashion_mnist(folder.path(), data::Split::test).labels.labels()[159] == 4);
}

BOOST_AUTO_TEST_CASE(takes_the_folders_of_torchvision) {
  const DataFolder root;
  const fs::path raw = root.path() / "FashionMNIST" / "raw";
  fs::create_directories(root.path() / "FashionMNIST");
  fs::copy(fixtures, raw);
  BOOST_TEST(data::find_fashion_mnist(root.path()) == raw);
  BOOST_TEST(data::find_fashion_mnist(root.path() / "FashionMNIST") == raw);
  BOOST_TEST(data::find_fashion_mnist(raw) == raw);
  BOOST_TEST(data::load_fashion_mnist(root.path()).train.size() == 320);
  const Environment chosen("CNN_DATA", root.path().c_str());
  BOOST_TEST(data::load_fashion_mnist({}, data::Split::test).size() == 160);
}

BOOST_FIXTURE_TEST_CASE(refuses_counts_that_disagree, Copies) {
  fs::copy_file(fixtures / "train-labels-idx1-ubyte.gz", file("t10k-labels-idx1-ubyte.gz"),
                fs::copy_options::overwrite_existing);
  BOOST_CHECK_EXCEPTION(data::load_fashion_mnist(folder.path(), data::Split::test), DataError,
                        mentions({"holds 160 images", "320 labels", "do not belong together"}));
}

BOOST_FIXTURE_TEST_CASE(refuses_swapped_files, Copies) {
  fs::copy_file(fixtures / "t10k-images-idx3-ubyte.gz", file("t10k-labels-idx1-ubyte.gz"),
                fs::copy_options::overwrite_existing);
  BOOST_CHECK_EXCEPTION(data::load_fashion_mnist(folder.path()), DataError,
                        mentions({"t10k-labels-idx1-ubyte.gz", "swapped"}));
}

BOOST_FIXTURE_TEST_CASE(refuses_images_of_another_size, Copies) {
  fs::remove(file("t10k-images-idx3-ubyte.gz"));
  folder.write("t10k-images-idx3-ubyte", idx_header({0x803, 160, 2, 3}) + Bytes(960));
  BOOST_CHECK_EXCEPTION(data::load_fashion_mnist(folder.path(), data::Split::test), DataError,
                        mentions({"images of shape [160, 2, 3]", "28x28 pixels"}));
}

BOOST_FIXTURE_TEST_CASE(names_a_directory_in_the_place_of_a_file, Copies) {
  fs::remove(file("t10k-images-idx3-ubyte.gz"));
  fs::create_directory(file("t10k-images-idx3-ubyte.gz"));
  BOOST_CHECK_EXCEPTION(data::load_fashion_mnist(folder.path(), data::Split::test), DataError,
                        mentions({"t10k-images-idx3-ubyte.gz is a directory"}));
}

BOOST_AUTO_TEST_CASE(says_where_it_looked) {
  const DataFolder empty;
  const std::vector<std::string> help{"apt-get install dataset-fashion-mnist", "data/fetch_fashion_mnist.sh",
                                      "--data"};
  BOOST_CHECK_EXCEPTION(
      data::find_fashion_mnist(empty.path()), DataError,
      mentions({empty.path().string() + " (has none of the four files)", help[0], help[1], help[2]}));
  BOOST_CHECK_EXCEPTION(data::load_fashion_mnist(empty.path() / "absent"), DataError,
                        mentions({"absent (does not exist)", help[0]}));
  BOOST_CHECK_EXCEPTION(data::find_fashion_mnist(empty.write("file", {1})), DataError,
                        mentions({"file (is not a directory)"}));
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_named_is_the_only_one) {
  const DataFolder empty;
  const Environment chosen("CNN_DATA", fixtures.c_str());
  BOOST_TEST(data::find_fashion_mnist() == fixtures);
  BOOST_CHECK_THROW(data::find_fashion_mnist(empty.path()), DataError);
  const Environment wrong("CNN_DATA", empty.path().c_str());
  BOOST_CHECK_EXCEPTION(data::find_fashion_mnist(), DataError, mentions({empty.path().string()}));
}

BOOST_AUTO_TEST_CASE(looks_into_the_project_last) {
  const DataFolder root;
  const Environment none("CNN_DATA", nullptr);
  const Environment project("CNN_ROOT", root.path().c_str());
  fs::create_directories(root.path() / "data");
  fs::copy(fixtures, root.path() / "data" / "fashion-mnist");
  const fs::path debian = "/usr/share/datasets/fashion-mnist";
  const fs::path expected =
      fs::exists(debian / "train-images-idx3-ubyte.gz") ? debian : root.path() / "data/fashion-mnist";
  BOOST_TEST(data::find_fashion_mnist() == expected);
}

BOOST_AUTO_TEST_CASE(reads_the_whole_data_set, *boost::unit_test::precondition(whole_data_set)) {
  const data::ImageSet set = data::load_fashion_mnist();
  BOOST_TEST(set.train.images.shape() == (Shape{60000, 28, 28}), boost::test_tools::per_element());
  BOOST_TEST(set.test.images.shape() == (Shape{10000, 28, 28}), boost::test_tools::per_element());
  std::vector<int> per_class(10);
  for (Index i = 0; i < set.train.size(); ++i)
    ++per_class[static_cast<std::size_t>(set.train.labels.labels()[i])];
  BOOST_TEST(per_class == std::vector<int>(10, 6000), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

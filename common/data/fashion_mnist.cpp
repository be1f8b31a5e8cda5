// SPDX-License-Identifier: MIT
#include "common/data/fashion_mnist.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/data/idx_reader.hpp"

namespace cnn::data {
namespace {

namespace fs = std::filesystem;

constexpr Index side = 28;
constexpr const char* debian_folder = "/usr/share/datasets/fashion-mnist";
constexpr const char* how_to_get_it =
    "; get the data set with `apt-get install dataset-fashion-mnist` (Debian, Ubuntu) or "
    "`data/fetch_fashion_mnist.sh`, "
    "or name its folder with --data or CNN_DATA";

struct FileNames {
  const char* images;
  const char* labels;
};

FileNames names_of(Split split) {
  if (split == Split::train) return {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"};
  return {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The usual places. CNN_ROOT is set by the front script; a program started by hand knows where it was built.
std::vector<fs::path> usual_folders() {
  if (const std::string chosen = environment("CNN_DATA"); !chosen.empty()) return {chosen};
  const std::string root = environment("CNN_ROOT");
  return {debian_folder, fs::path(root.empty() ? CNN_PROJECT_ROOT : root) / "data" / "fashion-mnist"};
}

/// The names of a file: EMNIST says "test" for "t10k", coloured images have four axes, and some archives are unpacked as
/// "train-images.idx3-ubyte".
std::vector<std::string> variants_of(const std::string& name) {
  std::vector<std::string> names{name};
  const auto add_variants = [&](const std::string& word, const std::string& other) {
    for (std::size_t k = names.size(); k-- > 0;) {
      if (const std::size_t at = names[k].find(word); at != std::string::npos)
        names.push_back(std::string(names[k]).replace(at, word.size(), other));
    }
  };
  add_variants("t10k", "test");
  add_variants("idx3", "idx4");
  add_variants("-idx", ".idx");
  return names;
}

/// A file whose name only ends as one of the data set's, such as "emnist-balanced-train-images-idx3-ubyte"; empty if none.
fs::path find_file_with_prefix(const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  fs::path found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string file = entry.path().filename().string();
    for (const std::string& variant : variants_of(name)) {
      if (!file.ends_with("-" + variant) && !file.ends_with("-" + variant + ".gz")) continue;
      CNN_CHECK(found.empty(), DataError,
                "[data] " + folder.string() + " holds the files of several data sets, " +
                    found.filename().string() + " and " + file + "; give those of one a folder of their own");
      found = entry.path();
    }
  }
  return found;
}

/// A file of the data set under the names it may have, decompressed or not; empty if there is none. Some archives put each file
/// into a folder of its name.
fs::path find_file(const fs::path& folder, const std::string& name) {
  fs::path found;
  for (const std::string& variant : variants_of(name)) {
    for (const fs::path& path : {folder / variant, folder / (variant + ".gz"), folder / variant / variant}) {
      std::error_code ignored;
      if (fs::is_regular_file(path, ignored)) return path;
      if (found.empty() && fs::exists(path, ignored)) found = path;  // a directory, say: the reader names it
    }
  }
  return found.empty() ? find_file_with_prefix(folder, name) : found;
}

bool holds_any_file(const fs::path& folder) {
  for (const Split split : {Split::train, Split::test}) {
    const auto [images, labels] = names_of(split);
    if (!find_file(folder, images).empty() || !find_file(folder, labels).empty()) return true;
  }
  return false;
}

/// The folder itself, or where torchvision's FashionMNIST(root) puts the files below its root or below FashionMNIST.
fs::path folder_of_files(const fs::path& folder) {
  for (const fs::path& place : {folder, folder / "FashionMNIST" / "raw", folder / "raw"}) {
    if (holds_any_file(place)) return place;
  }
  return {};
}

/// Why nothing was found in a folder, as far as the folder itself tells.
std::string describe(const fs::path& folder) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return folder.string() + " (does not exist)";
  if (status.type() == fs::file_type::none) return folder.string() + " (" + error.message() + ")";
  if (!fs::is_directory(status)) return folder.string() + " (is not a directory)";
  return folder.string() + " (has none of the four files)";
}

fs::path require_file(const fs::path& folder, const std::string& name) {
  fs::path path = find_file(folder, name);
  CNN_CHECK(
      !path.empty(), DataError,
      "[fashion-mnist] " + folder.string() + " has neither " + name + " nor " + name + ".gz" + how_to_get_it);
  return path;
}

void check_labels(const Tensor& labels, const fs::path& path) {
  const Index classes = static_cast<Index>(class_names().size());
  const std::int64_t* const first = labels.labels();
  const auto* const wrong =
      std::find_if(first, first + labels.size(), [&](auto label) { return label >= classes; });
  if (wrong == first + labels.size()) return;
  throw DataError(
      "[fashion-mnist] " + path.string() + ": label " + std::to_string(wrong - first) + " is " +
      std::to_string(*wrong) +
      ", and Fashion-MNIST has the classes 0 to 9: the file is of another data set; name the folder of "
      "Fashion-MNIST with --data or CNN_DATA");
}

Dataset read_any_split(const fs::path& folder, Split split) {
  const auto [images_name, labels_name] = names_of(split);
  const fs::path images_path = require_file(folder, images_name);
  const fs::path labels_path = require_file(folder, labels_name);
  Dataset set{read_idx_images(images_path), read_idx_labels(labels_path)};
  const Index n = set.images.shape()[0];
  CNN_CHECK(n == set.size(), DataError,
            "[data] " + images_path.string() + " holds " + std::to_string(n) + " images, " +
                labels_path.string() + " " + std::to_string(set.size()) +
                " labels; the files do not belong together");
  return set;
}

bool is_28x28(const Dataset& set) {
  return set.images.rank() == 3 && set.images.shape()[1] == side && set.images.shape()[2] == side;
}

Dataset read_split(const fs::path& folder, Split split) {
  Dataset set = read_any_split(folder, split);
  CNN_CHECK(is_28x28(set), DataError,
            "[fashion-mnist] " + folder.string() + " holds images of shape " + to_string(set.images.shape()) +
                ", Fashion-MNIST has 28x28 pixels; use the files of Fashion-MNIST");
  check_labels(set.labels, require_file(folder, names_of(split).labels));
  return set;
}

std::int64_t largest_label(const Dataset& set) {
  return *std::max_element(set.labels.labels(), set.labels.labels() + set.size());
}

}  // namespace

const std::vector<std::string>& class_names() {
  static const std::vector<std::string> names{"t-shirt", "trouser", "pullover", "dress", "coat",
                                              "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
  return names;
}

fs::path find_fashion_mnist(const fs::path& folder) {
  const std::vector<fs::path> places = folder.empty() ? usual_folders() : std::vector<fs::path>{folder};
  std::string looked_at;
  for (const fs::path& place : places) {
    if (const fs::path found = folder_of_files(place); !found.empty()) return found;
    looked_at += (looked_at.empty() ? "" : ", ") + describe(place);
  }
  throw DataError("[fashion-mnist] not found; looked at " + looked_at + how_to_get_it);
}

Dataset load_fashion_mnist(const fs::path& folder, Split split) {
  return read_split(find_fashion_mnist(folder), split);
}

bool has_idx_files(const fs::path& folder) { return !folder_of_files(folder).empty(); }

ImageSet load_fashion_mnist(const fs::path& folder) {
  const fs::path found = find_fashion_mnist(folder);
  return {.train = read_split(found, Split::train),
          .test = read_split(found, Split::test),
          .class_names = class_names()};
}

ImageSet load_idx_set(const fs::path& folder, bool training) {
  const fs::path found = find_fashion_mnist(folder);
  ImageSet set{.test = read_any_split(found, Split::test), .class_names = class_names()};
  if (training || !find_file(found, names_of(Split::train).labels).empty())
    set.train = read_any_split(found, Split::train);
  const Dataset& known = set.train.size() > 0 ? set.train : set.test;
  const std::int64_t largest = largest_label(known);
  set.channels = known.channels();
  if (!is_28x28(known) || largest + 1 != set.classes()) {
    set.class_names.clear();
    for (std::int64_t k = 0; k <= largest; ++k) set.class_names.push_back(std::to_string(k));
  }
  CNN_CHECK(largest_label(set.test) <= largest, DataError,
            "[data] " + found.string() + ": a label of the test images is " +
                std::to_string(largest_label(set.test)) + ", and the training images have the classes 0 to " +
                std::to_string(largest) + "; the files do not belong together");
  CNN_CHECK(set.test.channels() == set.channels, DataError,
            "[data] " + found.string() + ": channels are " + std::to_string(set.channels) +
                " in the training images and " + std::to_string(set.test.channels()) +
                " in the test images; the files do not belong together");
  return set;
}

}  // namespace cnn::data

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

/// A file of the data set under the names it may have, decompressed or not; empty if there is none. Some archives are unpacked
/// as "train-images.idx3-ubyte", some put each file into a folder of its name.
fs::path find_file(const fs::path& folder, const std::string& name) {
  std::string dotted = name;
  dotted[name.rfind("-idx")] = '.';
  fs::path found;
  for (const fs::path& variant :
       {fs::path(name), fs::path(name + ".gz"), fs::path(dotted), fs::path(dotted + ".gz"),
        fs::path(name) / name, fs::path(dotted) / dotted}) {
    const fs::path path = folder / variant;
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path;
    if (found.empty() && fs::exists(path, ignored)) found = path;  // a directory, say: the reader names it
  }
  return found;
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

Dataset read_split(const fs::path& folder, Split split) {
  const auto [images_name, labels_name] = names_of(split);
  const fs::path images_path = require_file(folder, images_name);
  const fs::path labels_path = require_file(folder, labels_name);
  Dataset set{read_idx_images(images_path), read_idx_labels(labels_path)};
  const auto [n, h, w] = set.images.dims<3>();
  CNN_CHECK(h == side && w == side, DataError,
            "[fashion-mnist] " + images_path.string() + " holds images of " + to_string(Size2d{h, w}) +
                " pixels, Fashion-MNIST has 28x28; use the files of Fashion-MNIST");
  check_labels(set.labels, labels_path);
  CNN_CHECK(n == set.size(), DataError,
            "[fashion-mnist] " + images_path.string() + " holds " + std::to_string(n) + " images, " +
                labels_path.string() + " " + std::to_string(set.size()) +
                " labels; the files do not belong together");
  return set;
}

}  // namespace

const std::array<std::string_view, 10>& class_names() {
  static constexpr std::array<std::string_view, 10> names{
      "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};
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

FashionMnist load_fashion_mnist(const fs::path& folder) {
  const fs::path found = find_fashion_mnist(folder);
  return {read_split(found, Split::train), read_split(found, Split::test)};
}

}  // namespace cnn::data

// SPDX-License-Identifier: MIT
#include "common/train/image_folder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "common/core/check.hpp"
#include "common/data/resize.hpp"
#include "common/io/image.hpp"

namespace cnn {
namespace {

namespace fs = std::filesystem;

using Paths = std::vector<fs::path>;
using ClassPaths = std::vector<Paths>;  // of each class

/// The entries that are wanted, in the byte order of their names.
template <typename Wanted>
Paths entries_of(const fs::path& folder, Wanted wanted) {
  std::error_code error;
  Paths found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (!at->path().filename().string().starts_with('.') && wanted(*at)) found.push_back(at->path());
  CNN_CHECK(!error, DataError,
            fmt::format("[data] cannot look into the folder {}: {}; check its permissions", folder.string(),
                        error.message()));
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return found;
}

Paths class_folders(const fs::path& folder) {
  return entries_of(folder, [](const fs::directory_entry& entry) {
    std::error_code ignored;
    return entry.is_directory(ignored);
  });
}

Paths pictures_of(const fs::path& folder) {
  return entries_of(folder, [](const fs::directory_entry& entry) {
    std::string end = entry.path().extension().string();
    std::transform(end.begin(), end.end(), end.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::error_code ignored;
    return (end == ".png" || end == ".jpg" || end == ".jpeg") && !entry.is_directory(ignored);
  });
}

/// Reads pictures, in turns of the classes: [n, h, w], or [n, 3, h, w] if one is coloured.
data::Dataset read_pictures(const ClassPaths& classes, Index side) {
  std::vector<Tensor> pictures;
  std::vector<Index> labels;
  bool more = true;
  for (std::size_t turn = 0; std::exchange(more, false); ++turn) {
    for (std::size_t k = 0; k < classes.size(); ++k) {
      if (turn >= classes[k].size()) continue;
      more = true;
      pictures.push_back(data::resize_bilinear(io::read_picture(classes[k][turn]).pixels, side, side));
      labels.push_back(static_cast<Index>(k));
    }
  }
  const bool coloured = std::any_of(pictures.begin(), pictures.end(),
                                    [](const Tensor& picture) { return picture.shape()[0] == 3; });
  const auto n = static_cast<Index>(pictures.size());
  data::Dataset set{coloured ? Tensor::empty({n, 3, side, side}, {}, DType::u8)
                             : Tensor::empty({n, side, side}, {}, DType::u8),
                    Tensor::empty({n}, {}, DType::i64)};
  std::copy(labels.begin(), labels.end(), set.labels.labels());
  std::uint8_t* to = set.images.pixels();
  for (Tensor& picture : pictures) {
    const Index planes = coloured ? 3 : 1, from = picture.shape()[0];
    for (Index c = 0; c < planes; ++c, to += side * side)
      std::copy_n(picture.pixels() + std::min(c, from - 1) * side * side, side * side, to);
    picture = {};
  }
  return set;
}

/// A grey data set as a coloured one.
data::Dataset as_coloured(const data::Dataset& set) {
  if (set.channels() == 3) return set;
  const auto [n, h, w] = set.images.dims<3>();
  Tensor images = Tensor::empty({n, 3, h, w}, {}, DType::u8);
  for (Index i = 0; i < 3 * n; ++i)
    std::copy_n(set.images.pixels() + i / 3 * h * w, h * w, images.pixels() + i * h * w);
  return {images, set.labels};
}

}  // namespace

data::ImageSet load_image_folder(const fs::path& folder, Index side) {
  const bool split = fs::is_directory(folder / "train") && fs::is_directory(folder / "test");
  data::ImageSet set;
  ClassPaths train, test;
  for (const fs::path& path : class_folders(split ? folder / "train" : folder)) {
    set.class_names.push_back(path.filename().string());
    train.emplace_back();
    test.emplace_back();
    const Paths pictures = pictures_of(path);
    for (std::size_t k = 0; k < pictures.size(); ++k)
      (!split && k % 5 == 4 ? test : train).back().push_back(pictures[k]);
    CNN_CHECK(
        !pictures.empty(), DataError,
        fmt::format("[data] {} holds no PNG or JPEG; put pictures of the class there, or remove the folder",
                    path.string()));
  }
  CNN_CHECK(
      set.classes() > 1, DataError,
      fmt::format("[data] {} holds {}; a network needs two classes to tell apart, each in a folder of PNG "
                  "or JPEG that is named after it",
                  folder.string(), set.class_names.empty() ? "no class folder" : "only one class"));
  for (const fs::path& path : split ? class_folders(folder / "test") : Paths{}) {
    const auto known = std::find(set.class_names.begin(), set.class_names.end(), path.filename().string());
    CNN_CHECK(known != set.class_names.end(), DataError,
              fmt::format("[data] {} is of no class of the training pictures ({}); remove or rename it",
                          path.string(), fmt::join(set.class_names, ", ")));
    test[static_cast<std::size_t>(known - set.class_names.begin())] = pictures_of(path);
  }
  CNN_CHECK(
      std::any_of(test.begin(), test.end(), [](const Paths& paths) { return !paths.empty(); }), DataError,
      fmt::format("[data] {} has no picture to test with; give a class five, or put some into test/<class>",
                  folder.string()));
  set.train = read_pictures(train, side);
  set.test = read_pictures(test, side);
  set.channels = std::max(set.train.channels(), set.test.channels());
  if (set.channels == 3) set.train = as_coloured(set.train), set.test = as_coloured(set.test);
  return set;
}

}  // namespace cnn

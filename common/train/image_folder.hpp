// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "common/data/dataset.hpp"

namespace cnn {

/// Reads a folder that holds a folder of pictures for each class, which is named after it; classes and pictures are taken in
/// the byte order of their names. Where there are folders `train` and `test`, the class folders are in these; else every fifth
/// picture of each class is for testing. Pictures are the files that end in .png, .jpg or .jpeg, in capitals or not; other files,
/// folders inside of class folders, and what begins with a dot are passed over. The classes take turns, so that the first
/// images are of all of them.
/// \param folder  where
/// \param side    to which the pictures are stretched, in pixels
/// \return        grey images, or coloured ones as soon as one picture is coloured
/// \throws DataError  a picture cannot be read, a class has none to learn from, there are none to test, there is only one class,
///                    or `test` has a class that `train` does not have
data::ImageSet load_image_folder(const std::filesystem::path& folder, Index side);

}  // namespace cnn

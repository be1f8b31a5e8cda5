// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "common/data/dataset.hpp"

namespace cnn::data {

/// The part of a data set that is learned from, and the part that is only measured on.
enum class Split { train, test };

/// Fashion-MNIST: 28 x 28 grey images of ten kinds of clothing.
/// \see H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
///      algorithms" (2017)
struct FashionMnist {
  static constexpr Index channels = 1;  ///< grey
  static constexpr Index classes = 10;  ///< see class_names()

  Dataset train;  ///< 60,000 images
  Dataset test;   ///< 10,000 images
};

/// \return the names of the ten classes, in the order of the labels
const std::array<std::string_view, 10>& class_names();

/// Looks for the data set. With an empty `folder` the places are: the folder named by the environment variable CNN_DATA,
/// and only that, if it is set; else /usr/share/datasets/fashion-mnist, which the Debian package dataset-fashion-mnist
/// fills; then data/fashion-mnist of the project.
/// \param folder  the folder to look into, empty for the usual places
/// \return        the first folder that holds at least one of the four files, named as they are distributed or with a dot
///                (train-images.idx3-ubyte), with or without ".gz"; it can be FashionMNIST/raw or raw below `folder`, where
///                torchvision puts them
/// \throws DataError  there is none; the message lists the folders and says how to get the files
std::filesystem::path find_fashion_mnist(const std::filesystem::path& folder = {});

/// Reads one part of the data set.
/// \param folder  where the files are, empty for the usual places (see find_fashion_mnist())
/// \param split   which part
/// \return        its images and labels
/// \throws DataError  a file is missing or damaged, the images are not 28 x 28, a label is above 9, or the numbers of
///                    images and labels differ
Dataset load_fashion_mnist(const std::filesystem::path& folder, Split split);

/// Reads both parts of the data set.
/// \param folder  where the files are, empty for the usual places (see find_fashion_mnist())
/// \return        training and test set
/// \throws DataError  as for one part
FashionMnist load_fashion_mnist(const std::filesystem::path& folder = {});

}  // namespace cnn::data

// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/data/dataset.hpp"

namespace cnn::data {

/// The part of a data set that is learned from, and the part that is only measured on.
enum class Split { train, test };

/// \return the names of the ten classes of Fashion-MNIST, in the order of the labels
const std::vector<std::string>& class_names();

/// Looks for the data set. With an empty `folder` the places are: the folder named by the environment variable CNN_DATA,
/// and only that, if it is set; else /usr/share/datasets/fashion-mnist, which the Debian package dataset-fashion-mnist
/// fills; then data/fashion-mnist of the project.
/// \param folder  the folder to look into, empty for the usual places
/// \return        the first folder that holds at least one of the four files, named as they are distributed or with a dot
///                (train-images.idx3-ubyte), with or without ".gz", or as EMNIST names its files
///                (emnist-balanced-test-images-idx3-ubyte.gz); it can be FashionMNIST/raw or raw below `folder`, where
///                torchvision puts them
/// \throws DataError  there is none; the message lists the folders and says how to get the files
std::filesystem::path find_fashion_mnist(const std::filesystem::path& folder = {});

/// \param folder  the folder to look into
/// \return        true if it is one that find_fashion_mnist() finds
bool has_idx_files(const std::filesystem::path& folder);

/// Reads one part of Fashion-MNIST: 28 x 28 grey images of ten kinds of clothing, 60,000 to learn from and 10,000 to test.
/// \param folder  where the files are, empty for the usual places (see find_fashion_mnist())
/// \param split   which part
/// \return        its images and labels
/// \throws DataError  a file is missing or damaged, the images are not 28 x 28, a label is above 9, or the numbers of
///                    images and labels differ
/// \see H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
///      algorithms" (2017)
Dataset load_fashion_mnist(const std::filesystem::path& folder, Split split);

/// Reads both parts of the data set.
/// \param folder  where the files are, empty for the usual places (see find_fashion_mnist())
/// \return        training and test set
/// \throws DataError  as for one part
ImageSet load_fashion_mnist(const std::filesystem::path& folder = {});

/// Reads any data set in the format of Fashion-MNIST: of other sizes, of three channels, of other classes. The classes are 0 to
/// the largest label of the training images. They are named by their numbers; ten classes of grey 28 x 28 images are taken for
/// Fashion-MNIST.
/// \param folder    where the files are (see find_fashion_mnist())
/// \param training  whether the training images must be there; else they only tell the classes
/// \return          training and test set
/// \throws DataError  a file is missing or damaged, a label of the test images is not among the classes, or the numbers of
///                    images and labels, or the channels, differ
ImageSet load_idx_set(const std::filesystem::path& folder, bool training = true);

}  // namespace cnn::data

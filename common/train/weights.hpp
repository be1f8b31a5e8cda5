// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/io/safetensors.hpp"
#include "common/nn/module.hpp"
#include "common/train/state_dict.hpp"

namespace cnn {

/// What a network tells apart, in the order of its outputs.
using ClassNames = std::vector<std::string>;

/// \param names  names of classes
/// \return       a JSON list of them; bytes that are not UTF-8 (a folder may have such a name) become U+FFFD
std::string to_json(const ClassNames& names);

/// \param content  a file of weights or a checkpoint
/// \param path     of the file, for the message
/// \return         what the entry "classes" of its metadata names; empty without it
/// \throws DataError  the entry is no list of names
ClassNames class_names_in(const io::Safetensors& content, const std::filesystem::path& path);

/// \param a,b  names of classes
/// \return     true if they are the same once written to a file
bool same_names(const ClassNames& a, const ClassNames& b);

/// Saves a network as safetensors: what PyTorch's class loads.
/// \param path     file, replaced atomically
/// \param model    a network
/// \param classes  what it tells apart, for the entry "classes" of the metadata; without it if empty, or those of Fashion-MNIST
/// \throws DataError  the file cannot be written
void save_weights(const std::filesystem::path& path, nn::Module& model, const ClassNames& classes = {});

/// Loads a network from safetensors, saved here or by PyTorch; warns if there is NaN or infinity among the numbers.
/// \param path     file
/// \param model    a network, unchanged if anything is wrong
/// \param classes  what it is to tell apart; empty if that is of no interest
/// \throws DataError  the file cannot be read, is of another network, or its metadata names other classes
void load_weights(const std::filesystem::path& path, nn::Module& model, const ClassNames& classes = {});

/// What a file of weights says about the images it is for.
struct WeightsInfo {
  ClassNames classes{};  ///< as its metadata names them; empty if it does not
  Index channels = 1;    ///< that its first convolution takes
};

/// \param path  file
/// \return      what it says about the images it is for
/// \throws DataError  the file cannot be read, or its entry "classes" is no list of names
WeightsInfo read_weights_info(const std::filesystem::path& path);

}  // namespace cnn

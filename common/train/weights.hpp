// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/io/safetensors.hpp"
#include "common/nn/module.hpp"

namespace cnn {

/// Parameters and buffers under the names of PyTorch's `state_dict()`.
/// \param model  a network
/// \return       handles that share the network's storage, not copies
io::NamedTensors state_dict(nn::Module& model);

/// Copies tensors into a network; what PyTorch's `load_state_dict(strict=True)` takes is taken here:
/// - names with `module.` (DataParallel) and `_orig_mod.` (torch.compile) in them,
/// - batch norm without `num_batches_tracked`, which then keeps its value, or with one that half precision made infinite,
/// - elements of another type, which are converted, and a list of one number for a number.
///
/// \param model    a network, unchanged if anything is wrong
/// \param tensors  named tensors
/// \param source   where they come from, for the message
/// \throws DataError  a tensor is missing, superfluous, twice there under two names, or of another shape
void load_state_dict(nn::Module& model, const io::NamedTensors& tensors, const std::string& source);

/// Says which tensors hold NaN or infinity: a network that starts with them cannot learn, whatever its learning rate.
/// \param tensors  such as state_dict() returns
/// \return         "'conv.weight' and 2 more tensors", empty if every number is finite
std::string not_finite(const io::NamedTensors& tensors);

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

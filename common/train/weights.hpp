// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "common/io/safetensors.hpp"
#include "common/nn/module.hpp"

namespace cnn {

/// Parameters and buffers under the names of PyTorch's `state_dict()`.
/// \param model  a network
/// \return       handles that share the network's storage, not copies
io::NamedTensors state_dict(nn::Module& model);

/// Copies tensors into a network; every name and shape must match, as with PyTorch's `load_state_dict(strict=True)`.
/// \param model    a network, unchanged if anything is wrong
/// \param tensors  named tensors
/// \param source   where they come from, for the message
/// \throws DataError  a tensor is missing, superfluous or of another shape
void load_state_dict(nn::Module& model, const io::NamedTensors& tensors, const std::string& source);

/// Saves a network as safetensors: what PyTorch's class loads.
/// \param path   file, replaced atomically
/// \param model  a network
/// \throws DataError  the file cannot be written
void save_weights(const std::filesystem::path& path, nn::Module& model);

/// Loads a network from safetensors, saved here or by PyTorch.
/// \param path   file
/// \param model  a network, unchanged if anything is wrong
/// \throws DataError  the file cannot be read or is of another network
void load_weights(const std::filesystem::path& path, nn::Module& model);

}  // namespace cnn

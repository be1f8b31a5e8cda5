// SPDX-License-Identifier: MIT
#pragma once

#include <string>

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

}  // namespace cnn

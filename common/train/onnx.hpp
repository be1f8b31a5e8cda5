// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "common/nn/module.hpp"
#include "common/train/weights.hpp"

namespace cnn {

/// \throws DataError  this build has no libonnx
void check_has_onnx();

/// Writes a network as ONNX (operators of version 13), for programs that run networks and need nothing of this project. A graph with
/// the layers of its evaluation: images [n, c, h, w], n being free, come in under the name "images", and [n, classes], before softmax, go
/// out under the name "logits". Dropout is left out; weights have the names that PyTorch's `state_dict()` gives them.
/// \param path     file, replaced atomically
/// \param model    a network, in float32 on any device
/// \param image    shape of a batch of one image, [1, c, h, w]
/// \param classes  what it tells apart, for the entry "classes" of the file's metadata; without it if empty
/// \param fold_batch_norm  whether a convolution or linear layer does the work of a batch normalization right behind it, see
///                         nn::fold_batch_norm(); its weights are then no longer those of the network
/// \throws DataError   the file cannot be written, or this build has no libonnx
/// \throws UsageError  there is no operator for one of the layers
/// \see https://onnx.ai/onnx/operators
void export_onnx(const std::filesystem::path& path, nn::Module& model, const Shape& image,
                 const ClassNames& classes = {}, bool fold_batch_norm = false);

}  // namespace cnn

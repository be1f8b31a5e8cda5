// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"
#include "common/train/run.hpp"

namespace cnn {

/// The first images of a data set as a network gets them: resized and scaled to 0 ... 1.
/// \param images  data set
/// \param count   how many
/// \param side    size wanted, in pixels
/// \return        [count, channels, side, side]
Tensor first_images(const data::Dataset& images, Index count, Index side);

/// Classifies the picture of --predict: prints the probability of each class, the largest first, and writes what the network saw to
/// predict_input.png of the run folder.
/// \param model  a trained network
/// \param run    the run; nothing happens without --predict
/// \throws DataError  the picture cannot be read
void predict_picture(nn::Module& model, Run& run);

}  // namespace cnn

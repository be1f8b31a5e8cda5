// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/random.hpp"
#include "common/nn/sequential.hpp"
#include "common/tensor/tensor.hpp"

/// What the benchmark programs share.
namespace cnn::bench {

/// One of the book's networks, with the settings the book trains it with.
struct Network {
  std::string name;  ///< that of its program, "lenet"
  Index batch_size;  ///< images a step
  Index image_size;  ///< height and width of an image, in pixels
  nn::Sequential (*make)(Index channels, Index classes,
                         Rng& rng);   ///< draws a new network; the generator must outlive it
  Shape batch_shape(Index n) const {  ///< \param n images \return [n, 1, image_size, image_size]
    return {n, 1, image_size, image_size};
  }
};

/// \return the eight networks, in the order of the book
const std::vector<Network>& networks();

/// \param name  such as "lenet"
/// \return      the network
/// \throws UsageError  there is none of that name
const Network& find_network(std::string_view name);

/// \param names  names of networks; none for all
/// \return       those networks, in the order given
/// \throws UsageError  there is none of such a name
std::vector<Network> find_networks(const std::vector<std::string>& names);

/// Made-up images and labels: the time of a step does not depend on what is on them.
struct Batch {
  Tensor images;  ///< [n, 1, image_size, image_size], from U(0, 1)
  Tensor labels;  ///< i64, [n], 0 ... 9 in turn
};

/// \param network  whose input
/// \param n        number of images
/// \param device   where
/// \return         the batch
Batch made_up_batch(const Network& network, Index n, Device device);

}  // namespace cnn::bench

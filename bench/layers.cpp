// SPDX-License-Identifier: MIT
#include "bench/layers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/nn/conv2d.hpp"
#include "common/nn/tree.hpp"
#include "common/ops/conv2d.hpp"

namespace cnn::bench {
namespace {

void add_layer(std::vector<ConvLayer>& layers, const std::string& network, const ConvShape& shape,
               bool reads_images) {
  const auto same = std::find_if(layers.begin(), layers.end(), [&](const ConvLayer& layer) {
    return layer.shape.name() == shape.name() && layer.shape.x == shape.x;
  });
  if (same == layers.end()) {
    layers.push_back({{network}, shape, reads_images});
  } else if (same->networks.back() != network) {
    same->networks.push_back(network);
  }
}

}  // namespace

Index ConvShape::macs() const {
  const Shape y = ops::conv2d_output_shape(x, weight, geometry);
  return x[0] * y[1] * y[2] * y[3] * weight[1] * weight[2] * weight[3];
}

std::string ConvShape::name() const {
  return fmt::format("{}>{} {}x{} /{} +{} {}x{}", weight[1], weight[0], weight[2], weight[3],
                     geometry.stride.h, geometry.padding.h, x[2], x[3]);
}

std::vector<ConvLayer> conv_layers(const std::vector<Network>& networks, Index batch_size,
                                   double least_share) {
  std::vector<ConvLayer> layers;
  for (const Network& network : networks) {
    Rng rng(0);
    const nn::Sequential model = network.make(1, 10, rng);
    const Shape input = network.batch_shape(batch_size > 0 ? batch_size : network.batch_size);
    const auto total = static_cast<double>(model.cost(input).macs);
    std::vector<nn::LeafFlow> leaves;
    nn::trace(model, {input}, &leaves);
    for (const nn::LeafFlow& leaf : leaves) {
      const auto* const conv = dynamic_cast<const nn::Conv2d*>(leaf.module);
      if (conv == nullptr) continue;
      const ConvShape shape{leaf.x.shape, conv->weight().value.shape(), conv->geometry()};
      if (static_cast<double>(shape.macs()) >= least_share * total)
        add_layer(layers, network.name, shape, &leaf == leaves.data());
    }
  }
  return layers;
}

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Rng rng(seed);
  Tensor tensor = Tensor::empty(shape);
  rng.fill_uniform(tensor.values(), -1, 1);
  return tensor;
}

ConvTensors conv_tensors(const ConvShape& shape) {
  return {.x = random_tensor(shape.x, 1),
          .weight = random_tensor(shape.weight, 2),
          .bias = random_tensor({shape.weight[0]}, 3),
          .grad_y = random_tensor(ops::conv2d_output_shape(shape.x, shape.weight, shape.geometry), 4)};
}

}  // namespace cnn::bench

// SPDX-License-Identifier: MIT
#include "bench/networks.hpp"

#include <algorithm>

#include "chapters/05_lenet/lenet.hpp"
#include "chapters/06_alexnet/alexnet.hpp"
#include "chapters/07_vgg/vgg.hpp"
#include "chapters/08_nin/nin.hpp"
#include "chapters/09_googlenet/googlenet.hpp"
#include "chapters/10_batch_norm/lenet.hpp"
#include "chapters/11_resnet/resnet.hpp"
#include "chapters/12_densenet/densenet.hpp"

namespace cnn::bench {

const std::vector<Network>& networks() {
  static const std::vector<Network> all{
      {"lenet", 256, 28, make_lenet},
      {"alexnet", 128, 224, make_alexnet},
      {"vgg", 64, 224,
       [](Index channels, Index classes, Rng& rng) { return make_vgg11(channels, classes, 8, 224, rng); }},
      {"nin", 128, 224, make_nin},
      {"googlenet", 128, 96, make_googlenet},
      {"batch_norm", 256, 28,
       [](Index channels, Index classes, Rng& rng) {
         return batch_norm::make_lenet(channels, classes, "library", rng);
       }},
      {"resnet", 256, 96, make_resnet18},
      {"densenet", 256, 96,
       [](Index channels, Index classes, Rng& rng) { return make_densenet(channels, classes, 32, rng); }}};
  return all;
}

const Network& find_network(std::string_view name) {
  const auto found = std::find_if(networks().begin(), networks().end(),
                                  [&](const Network& network) { return network.name == name; });
  if (found != networks().end()) return *found;
  std::string known;
  for (const Network& network : networks()) known += (known.empty() ? "" : ", ") + network.name;
  throw UsageError("[bench] there is no network '" + std::string(name) + "'; give one of " + known);
}

std::vector<Network> find_networks(const std::vector<std::string>& names) {
  if (names.empty()) return networks();
  std::vector<Network> found;
  for (const std::string& name : names) found.push_back(find_network(name));
  return found;
}

Batch made_up_batch(const Network& network, Index n, Device device) {
  Rng rng(1);
  Tensor images = Tensor::empty(network.batch_shape(n));
  rng.fill_uniform(images.values(), 0, 1);
  std::vector<std::int64_t> labels(static_cast<std::size_t>(n));
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] = static_cast<std::int64_t>(k % 10);
  return {images.to(device), Tensor::from_labels({n}, labels, device)};
}

}  // namespace cnn::bench

// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "common/nn/sequential.hpp"
#include "common/nn/summary.hpp"
#include "common/train/weights.hpp"
#include "tests/support/fixtures.hpp"

namespace cnn::test {

/// \return output shapes of the children, one after the other, "[1, 96, 54, 54]"
inline std::vector<std::string> child_shapes(const nn::Sequential& network, Shape x) {
  std::vector<std::string> shapes;
  for (std::size_t k = 0; k < network.size(); ++k) {
    x = network[k].output_shape(x);
    shapes.push_back(to_string(x));
  }
  return shapes;
}

/// \return output shapes of the layers of one kind, in the order of the forward pass
inline std::vector<std::string> shapes_of(const std::string& kind, const nn::Module& network,
                                          const Shape& x) {
  std::vector<std::string> shapes;
  for (const nn::SummaryRow& row : nn::summarize(network, x).rows) {
    if (row.kind == kind) shapes.push_back(to_string(row.output_shape));
  }
  return shapes;
}

/// Gives a value to each element of one kind of parameter.
/// \param module  a layer or network
/// \param ending  of the parameters' names, "bn2.weight"
/// \param value   for each element
inline void set_parameters(nn::Module& module, const std::string& ending, float value) {
  for (const auto& [name, parameter] : module.named_parameters()) {
    if (name.ends_with(ending)) std::ranges::fill(parameter->value.values(), value);
  }
}

/// Fails unless the network would be saved under the keys and with the shapes of the book's class.
/// \param network  the network
/// \param net      name of the list below tests/fixtures/state_dicts
inline void check_state_dict(nn::Module& network, const std::string& net) {
  const nlohmann::json expected = fixture("state_dicts/" + net + ".json");
  const io::NamedTensors own = state_dict(network);
  BOOST_TEST(own.size() == expected.size());
  for (const auto& [name, tensor] : own) {
    BOOST_TEST_REQUIRE(expected.contains(name), name);
    BOOST_TEST(tensor.shape() == expected[name].get<Shape>(), name);
  }
}

}  // namespace cnn::test

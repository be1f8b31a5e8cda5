// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

namespace cnn::test {

/// \param shape   sizes of the axes
/// \param values  the elements, row-major
/// \return        a tensor where the rung in use works
inline Tensor tensor(const Shape& shape, std::initializer_list<float> values) {
  return on_device(Tensor::from_values(shape, {values.begin(), values.size()}));
}

/// \param shape  sizes of the axes
/// \param first  first element
/// \return       first, first + 1, ... where the rung in use works
inline Tensor arange(const Shape& shape, float first = 0) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (float& value : values) value = first++;
  return on_device(Tensor::from_values(shape, values));
}

/// \param values  the elements
/// \return        an int64 tensor of one axis where the rung in use works
inline Tensor labels(std::initializer_list<std::int64_t> values) {
  return on_device(Tensor::from_labels({static_cast<Index>(values.size())}, {values.begin(), values.size()}));
}

/// \param parts  what a message must hold
/// \return       a test whether an error's message holds all of them
inline auto says(std::vector<std::string> parts) {
  return [parts](const Error& e) {
    for (const std::string& part : parts) {
      if (std::string(e.what()).find(part) == std::string::npos) {
        BOOST_TEST_MESSAGE("the message is: " << e.what());
        return false;
      }
    }
    return true;
  };
}

}  // namespace cnn::test

// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include "common/data/fashion_mnist.hpp"

namespace cnn::test {

/// A precondition: all of Fashion-MNIST is installed. Where it is not, the case counts as skipped.
inline boost::test_tools::assertion_result whole_data_set(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(true);
  try {
    const Index count = data::load_fashion_mnist({}, data::Split::test).size();
    if (count == 10000) return result;
    result.message() << "the data set found has " << count << " test images instead of 10,000";
  } catch (const DataError& error) {
    result.message() << error.what();
  }
  result = false;
  return result;
}

}  // namespace cnn::test

// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "common/core/check.hpp"
#include "common/data/fashion_mnist.hpp"

namespace cnn::test {

/// Reads a JSON file below tests/fixtures.
inline nlohmann::json fixture(const std::string& name) {
  std::ifstream in(std::filesystem::path(CNN_SOURCE_DIR) / "tests/fixtures" / name);
  if (!in) throw std::runtime_error("no fixture " + name);
  return nlohmann::json::parse(in);
}

/// A few hundred real images, always present.
inline std::filesystem::path fixture_images() {
  return std::filesystem::path(CNN_SOURCE_DIR) / "data/fixtures";
}

/// Precondition of the tests that need all of Fashion-MNIST: without it they are skipped, by name.
struct WholeDataset {
  boost::test_tools::assertion_result operator()(boost::unit_test::test_unit_id) const {
    try {
      data::load_fashion_mnist({}, data::Split::test);
      return true;
    } catch (const DataError& e) {
      boost::test_tools::assertion_result absent(false);
      absent.message() << e.what();
      return absent;
    }
  }
};

}  // namespace cnn::test

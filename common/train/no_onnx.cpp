// SPDX-License-Identifier: MIT
// A build without libonnx.
#include "common/core/check.hpp"
#include "common/train/onnx.hpp"

namespace cnn {

void check_has_onnx() {
  throw DataError(
      "[onnx] this build cannot write ONNX, because libonnx was not there when it was made; start the "
      "program as "
      "./cnn run, which installs it, or install libonnx-dev and build again");
}

void export_onnx(const std::filesystem::path&, nn::Module&, const Shape&, const ClassNames&, bool) {
  check_has_onnx();
}

}  // namespace cnn

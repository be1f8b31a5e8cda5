// SPDX-License-Identifier: MIT
#include "common/backend/xtensor/xtensor_backend.hpp"

namespace cnn {

std::unique_ptr<Backend> make_xtensor_backend(Backend& below) {
  return std::make_unique<XtensorBackend>(below);
}

}  // namespace cnn

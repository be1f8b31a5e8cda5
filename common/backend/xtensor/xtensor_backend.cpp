// SPDX-License-Identifier: MIT
#include "common/backend/xtensor/xtensor_backend.hpp"

extern "C" void openblas_set_num_threads(int count);  // <cblas.h> cannot be included beside xtensor-blas

namespace cnn {

XtensorBackend::XtensorBackend(Backend& below) : Rung(below) { openblas_set_num_threads(1); }

std::unique_ptr<Backend> make_xtensor_backend(Backend& below) {
  return std::make_unique<XtensorBackend>(below);
}

}  // namespace cnn

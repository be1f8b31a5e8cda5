// SPDX-License-Identifier: MIT

// Images of pixels, answered with "this build has no CUDA".

#include "common/backend/pixels.hpp"

namespace cnn {

void images_from_pixels(Tensor&, const Tensor&, const ResizeAxis&, const ResizeAxis&) {
  throw DeviceError("[cuda] this build has no CUDA; run on the CPU");
}

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include "common/tensor/tensor.hpp"

namespace cnn {

/// The weights of a bilinear resize in one direction, see data::BilinearResize.
struct ResizeAxis {
  Tensor first;    ///< i32, [to]: the first pixel that each result looks at
  Tensor weights;  ///< i32, [to, taps], in units of 2^-22
};

/// Makes images of pixels on a CUDA device: resizes and divides by 255, to the last bit what a data loader does on the host. It is no
/// operation of Backend: no rung of the CPU is ever asked for it, since their batches are made on the loader's thread.
/// \param images   [n, c, oh, ow], overwritten
/// \param pixels   u8, [n, c, ih, iw], dense
/// \param columns  weights along a row; no tensors if sizes are the same
/// \param rows     weights along a column; no tensors if sizes are the same
/// \throws DeviceError  this build has no CUDA, or the launch failed
void images_from_pixels(Tensor& images, const Tensor& pixels, const ResizeAxis& columns,
                        const ResizeAxis& rows);

}  // namespace cnn

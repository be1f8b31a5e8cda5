// SPDX-License-Identifier: MIT
#pragma once

#include "common/tensor/tensor.hpp"

namespace cnn {

/// \param shape   sizes of the axes
/// \param device  where upload() will take it
/// \param dtype   element type
/// \return        a tensor on the host, its elements undefined; in page-locked memory if a CUDA device will read it
Tensor empty_for_upload(const Shape& shape, Device device, DType dtype = DType::f32);

/// Copies a host tensor to a device while the host goes on, which Tensor::to() lets it do only when the source has been read.
/// \param source  from empty_for_upload(); not to be written to any more, and kept until the device has read it
/// \param device  where
/// \return        the tensor there; the source itself if it is there already
/// \throws DeviceError  the device has no room, or some of its work failed
Tensor upload(Tensor source, Device device);

}  // namespace cnn

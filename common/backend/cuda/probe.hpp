// SPDX-License-Identifier: MIT
#pragma once

namespace cnn::cuda {

/// Queues a kernel that does nothing on device 0.
/// \return whether this build has kernels for its compute capability
/// \throws DeviceError  the device does not answer
bool has_kernels();

}  // namespace cnn::cuda

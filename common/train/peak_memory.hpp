// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/process_memory.hpp"
#include "common/core/storage.hpp"

namespace cnn {

/// \param device  where a network is trained
/// \return        most bytes that were taken there so far: on the CPU by the whole process, 0 if unknown; on another device by tensors
/// \throws DeviceError  the device is absent
inline Index peak_memory(Device device) {
  return device.type == DeviceType::cpu ? process_memory().peak : memory_stats(device).peak;
}

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "common/core/shape.hpp"

/// The memory of a CUDA device: one of the two seams that a CUDA build fills in (the other is Backend). Exactly one of the
/// folders backend/cuda and backend/no_cuda is linked and defines these.
namespace cnn::device_memory {

/// \return number of devices present, 0 in a build without CUDA
int device_count();

/// \param bytes  size wanted
/// \param index  which device
/// \return       memory on that device
/// \throws DeviceError  no such device, or its memory is exhausted
std::byte* allocate(Index bytes, int index);

/// \param data   what allocate() returned
/// \param index  which device
void release(std::byte* data, int index) noexcept;

/// Copies host to device, device to host or device to device, and waits.
/// \param to     destination
/// \param from   source
/// \param bytes  how many
/// \throws DeviceError  this build has no CUDA, or the copy failed
void copy(std::byte* to, const std::byte* from, Index bytes);

}  // namespace cnn::device_memory

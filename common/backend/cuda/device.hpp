// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime.h>

#include <string>

namespace cnn::cuda {

/// What the kernels ask of a device.
struct DeviceInfo {
  std::string name;          ///< "NVIDIA GeForce RTX 3060"
  int capability = 0;        ///< compute capability, 10 major + minor: 86
  int multiprocessors = 0;   ///< each computes some blocks at a time
  int shared_per_block = 0;  ///< bytes of shared memory that one block may ask for
};

/// \return number of devices; 0 without a driver, too
int device_count();

/// \return why device_count() is 0, in the runtime's words
std::string why_no_device();

/// \param index  which device
/// \return       what it is
/// \throws DeviceError  no such device
const DeviceInfo& device_info(int index);

/// \return the device that this thread's calls go to
int current_device();

/// The stream in which a device computes; all work on tensors, their allocation included, is ordered by it.
/// \param index  which device
/// \return       its stream
/// \throws DeviceError  no such device
cudaStream_t compute_stream(int index);

/// \param index  which device
/// \return       its stream for uploads that run while it computes
/// \throws DeviceError  no such device
cudaStream_t upload_stream(int index);

/// \param index  which device
/// \return       its pool of memory, which keeps what is freed until it is trimmed
/// \throws DeviceError  no such device
cudaMemPool_t memory_pool(int index);

/// \return the stream of the current device
cudaStream_t compute_stream();

/// Makes a device the current one for the life of a scope.
class DeviceScope {
 public:
  /// \param index  which device
  /// \throws DeviceError  no such device
  explicit DeviceScope(int index);
  ~DeviceScope();
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  int former_;
};

}  // namespace cnn::cuda

// SPDX-License-Identifier: MIT
#pragma once

#include "common/tensor/tensor.hpp"

namespace cnn {

/// A copy of a tensor on its way to the host: it is made when the device has done what it was given until now, while both go on
/// with other work. Of a host tensor there is no copy.
class Download {
 public:
  /// \param source  a dense tensor on any device; may be written to or given up afterwards if it is not on the host
  /// \throws DeviceError  some of the device's work failed
  explicit Download(const Tensor& source);
  /// Waits for the copy, which has a place to go to until then.
  ~Download();
  /// \param other  whose copy this becomes; there is none to wait for any more
  Download(Download&& other) noexcept = default;
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  /// Waits for the copy, and for nothing that the device was given after it.
  /// \return a host tensor
  /// \throws DeviceError  some of the device's work failed
  const Tensor& get();

 private:
  Tensor host_;
  device_memory::Event arrived_;  // null if it has, or never was on its way
  int index_ = 0;
};

}  // namespace cnn

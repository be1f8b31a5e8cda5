// SPDX-License-Identifier: MIT
#include "common/tensor/upload.hpp"

#include <deque>
#include <mutex>
#include <utility>

namespace cnn {
namespace {

struct UnderWay {
  Tensor source;
  device_memory::Event read;
  int index;
};

/// Sources that may not have been read yet, oldest first. Never destroyed: a device may be reading when a program ends.
struct Sources {
  // The oldest of them have been read: the host is a step ahead, not more.
  static constexpr std::size_t most = 8;
  std::mutex mutex;
  std::deque<UnderWay> under_way;
};
Sources& sources() {
  static Sources& all = *new Sources;
  return all;
}

}  // namespace

Tensor empty_for_upload(const Shape& shape, Device device, DType dtype) {
  return device.type == DeviceType::cuda ? Tensor::page_locked(shape, dtype)
                                         : Tensor::empty(shape, {}, dtype);
}

Tensor upload(Tensor source, Device device) {
  if (device.type != DeviceType::cuda) return source.to(device);
  Sources& all = sources();
  const std::lock_guard lock(all.mutex);
  while (all.under_way.size() >= Sources::most) {
    device_memory::wait(all.under_way.front().read, all.under_way.front().index);
    all.under_way.pop_front();
  }
  Tensor copy = source.to(device);
  try {
    const device_memory::Event read = device_memory::record(device_memory::Queue::compute, device.index);
    all.under_way.push_back({source, read, device.index});
  } catch (...) {
    device_memory::finish(device.index);
    throw;
  }
  return copy;
}

}  // namespace cnn

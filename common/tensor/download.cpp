// SPDX-License-Identifier: MIT
#include "common/tensor/download.hpp"

#include <utility>

namespace cnn {

Download::Download(const Tensor& source) : host_(source), index_(source.device().index) {
  if (source.device().type != DeviceType::cuda) return;
  CNN_CHECK(source.is_dense(), StateError,
            "[download] the tensor " + to_string(source.shape()) + " is strided; clone() it first");
  host_ = Tensor::page_locked(source.shape(), source.dtype());
  const Index bytes = source.size() * size_of(source.dtype());
  if (bytes == 0) return;
  device_memory::copy(host_.bytes(), bytes, source.bytes(), bytes, bytes, 1, index_);
  try {
    arrived_ = device_memory::record(device_memory::Queue::compute, index_);
  } catch (...) {
    device_memory::finish(index_);
    throw;
  }
}

Download::~Download() {
  try {
    get();
  } catch (const Error&) {  // the device has failed and copies no more; its next call says so
  }
}

const Tensor& Download::get() {
  const device_memory::Event event = std::exchange(arrived_, nullptr);
  if (event) device_memory::wait(event, index_);
  return host_;
}

}  // namespace cnn

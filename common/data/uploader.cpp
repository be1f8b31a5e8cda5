// SPDX-License-Identifier: MIT
#include "common/data/uploader.hpp"

#include <algorithm>
#include <utility>

namespace cnn::data {
namespace {

using device_memory::Queue;

ResizeAxis axis_on(Device device, const BilinearResize::Axis& axis) {
  const auto outputs = static_cast<Index>(axis.first.size());
  Tensor first = Tensor::empty({outputs}, {}, DType::i32);
  Tensor weights = Tensor::empty({outputs, axis.taps}, {}, DType::i32);
  std::transform(axis.first.begin(), axis.first.end(), first.indices(),
                 [](Index pixel) { return static_cast<std::int32_t>(pixel); });
  std::copy(axis.weights.begin(), axis.weights.end(), weights.indices());
  return {first.to(device), weights.to(device)};
}

/// Queues a copy of a dense tensor beside the work of a device.
void upload_rows(const Tensor& to, const Tensor& from) {
  const Index bytes = from.size() * size_of(from.dtype());
  device_memory::copy(to.bytes(), bytes, from.bytes(), bytes, bytes, 1, to.device().index, Queue::uploads);
}

}  // namespace

ResizeOnDevice::ResizeOnDevice(const BilinearResize& resize, Device device)
    : columns(axis_on(device, resize.columns())), rows(axis_on(device, resize.rows())) {}

Uploader::Uploader(Device device, Index side, ResizeOnDevice resize)
    : device_(device), side_(side), resize_(std::move(resize)) {}

Uploader::~Uploader() {
  for (const Place& place : places_) {
    try {
      device_memory::wait(place.uploaded, device_.index);
    } catch (const Error&) {  // the device has failed and reads no more; its next call says so
    }
  }
}

Batch Uploader::operator()(Batch batch) {
  Place& place = places_[next_];
  next_ = (next_ + 1) % places_.size();
  device_memory::wait(place.uploaded, device_.index);  // two batches ago: it has passed long since
  place.host = std::move(batch);
  try {
    return images_of(place);
  } catch (...) {
    device_memory::finish(device_.index);  // what was queued before reads the batch, or writes to the place
    throw;
  }
}

Batch Uploader::images_of(Place& place) const {
  make_room(place);
  upload(place);

  const Index n = place.host.size(), c = place.host.images.shape()[1];
  device_memory::wait(place.uploaded, Queue::compute, device_.index);
  Batch result{Tensor::empty({n, c, side_, side_}, device_), place.labels.rows(0, n).clone(),
               place.host.first};
  images_from_pixels(result.images, place.pixels.rows(0, n), resize_.columns, resize_.rows);
  place.used = device_memory::record(Queue::compute, device_.index);
  return result;
}

void Uploader::make_room(Place& place) const {
  if (place.pixels.defined() && place.pixels.shape()[0] >= place.host.size()) return;
  place.pixels = Tensor::empty(place.host.images.shape(), device_, DType::u8);
  place.labels = Tensor::empty(place.host.labels.shape(), device_, DType::i64);
  place.used = device_memory::record(Queue::compute, device_.index);  // who had the memory before
}

void Uploader::upload(Place& place) const {
  device_memory::wait(place.used, Queue::uploads, device_.index);
  upload_rows(place.pixels, place.host.images);
  upload_rows(place.labels, place.host.labels);
  place.uploaded = device_memory::record(Queue::uploads, device_.index);
}

Index Uploader::bytes_on_device(Index batch, Index pixels) {
  constexpr auto places = static_cast<Index>(std::tuple_size_v<decltype(places_)>);
  return places * (storage_bytes(batch * pixels) + storage_bytes(batch * size_of(DType::i64)));
}

}  // namespace cnn::data

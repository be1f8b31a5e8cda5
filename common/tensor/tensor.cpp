// SPDX-License-Identifier: MIT
#include "common/tensor/tensor.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cnn {
namespace {

Index elements_after_first_axis(const Shape& shape) {
  Index count = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) count *= shape[axis];
  return count;
}

}  // namespace

Tensor Tensor::without_storage(Shape shape, DType dtype) {
  Tensor tensor;
  tensor.size_ = element_count(shape);
  Index bytes = 0;
  CNN_CHECK(!__builtin_mul_overflow(tensor.size_, size_of(dtype), &bytes), ShapeError,
            "[tensor] too large for any memory: " + to_string(shape));
  tensor.image_stride_ = elements_after_first_axis(shape);
  tensor.shape_ = std::move(shape);
  tensor.dtype_ = dtype;
  return tensor;
}

Tensor Tensor::empty(Shape shape, Device device, DType dtype) {
  Tensor tensor = without_storage(std::move(shape), dtype);
  tensor.storage_ = Storage::allocate(tensor.size_ * size_of(dtype), device);
  return tensor;
}

Tensor Tensor::page_locked(Shape shape, DType dtype) {
  Tensor tensor = without_storage(std::move(shape), dtype);
  tensor.storage_ = Storage::allocate_page_locked(tensor.size_ * size_of(dtype));
  return tensor;
}

Tensor Tensor::zeros(Shape shape, Device device, DType dtype) {
  if (device.type == DeviceType::meta) return empty(std::move(shape), device, dtype);
  Tensor host = empty(std::move(shape), {}, dtype);
  std::memset(host.bytes(), 0, static_cast<std::size_t>(host.size_ * size_of(dtype)));
  return host.to(device);
}

Tensor Tensor::with_reserve(Shape shape, Index reserve, Device device) {
  CNN_CHECK(shape.size() >= 2, ShapeError,
            "[tensor] " + to_string(shape) + " has no channels to keep a reserve behind");
  const Index channels = shape[1];
  shape[1] += reserve;
  const Tensor whole = empty(std::move(shape), device);
  whole.storage_->channels_in_use = channels;
  return whole.channels(0, channels);
}

Tensor Tensor::from_values(Shape shape, std::span<const float> values, Device device) {
  Tensor host = empty(std::move(shape));
  CNN_CHECK(
      host.size_ == static_cast<Index>(values.size()), ShapeError,
      "[tensor] " + std::to_string(values.size()) + " values given for shape " + to_string(host.shape_));
  std::copy(values.begin(), values.end(), host.data());
  return host.to(device);
}

Tensor Tensor::from_labels(Shape shape, std::span<const std::int64_t> values, Device device) {
  Tensor host = empty(std::move(shape), {}, DType::i64);
  CNN_CHECK(
      host.size_ == static_cast<Index>(values.size()), ShapeError,
      "[tensor] " + std::to_string(values.size()) + " values given for shape " + to_string(host.shape_));
  std::copy(values.begin(), values.end(), host.labels());
  return host.to(device);
}

bool Tensor::is_dense() const noexcept {
  return shape_.empty() || shape_[0] <= 1 || image_stride_ == elements_after_first_axis(shape_);
}

std::byte* Tensor::bytes() const noexcept {
  std::byte* const first = storage_ ? storage_->data() : nullptr;
  return first != nullptr ? first + offset_ * size_of(dtype_) : nullptr;
}

std::span<float> Tensor::values() {
  const auto all = std::as_const(*this).values();
  return {const_cast<float*>(all.data()), all.size()};
}

std::span<const float> Tensor::values() const {
  CNN_CHECK(dtype_ == DType::f32 && is_dense(), StateError,
            "[tensor] values() needs a dense f32 tensor; this one is " + to_string(dtype_) + " " +
                to_string(shape_) + (is_dense() ? "" : ", strided; clone() it first"));
  CNN_CHECK(device().type == DeviceType::cpu, DeviceError,
            "[tensor] values() needs a host tensor; this one is on " + to_string(device()) +
                "; move it with to({})");
  return {data(), static_cast<std::size_t>(size_)};
}

Tensor Tensor::to(Device target) const {
  if (!defined() || target == device()) return *this;
  Tensor copy = empty(shape_, target, dtype_);
  copy.copy_from(*this);
  return copy;
}

Tensor Tensor::clone() const {
  if (!defined()) return {};
  Tensor copy = empty(shape_, device(), dtype_);
  copy.copy_from(*this);
  return copy;
}

Tensor Tensor::reshape(Shape shape) const {
  CNN_CHECK(is_dense(), StateError,
            "[reshape] the tensor " + to_string(shape_) + " is strided; clone() it first");
  const std::string asked = to_string(shape);
  const auto open = std::find(shape.begin(), shape.end(), Index{-1});
  if (open != shape.end()) {
    *open = 1;
    const Index rest = element_count(shape);
    *open = rest == 0 ? 0 : size_ / rest;
  }
  CNN_CHECK(element_count(shape) == size_, ShapeError,
            "[reshape] " + to_string(shape_) + " has " + std::to_string(size_) +
                " elements and cannot become " + asked);
  Tensor result = *this;
  result.image_stride_ = elements_after_first_axis(shape);
  result.shape_ = std::move(shape);
  return result;
}

Tensor Tensor::part(Index first_byte, Shape shape, DType dtype) const {
  Tensor part = without_storage(std::move(shape), dtype);
  const Index bytes = part.size_ * size_of(dtype);
  CNN_CHECK(dtype_ == DType::u8 && is_dense() && first_byte >= 0 && bytes <= size_ &&
                first_byte <= size_ - bytes && (offset_ + first_byte) % size_of(dtype) == 0,
            ShapeError,
            "[part] " + to_string(dtype) + " " + to_string(part.shape_) + " from byte " +
                std::to_string(first_byte) + " asked of a tensor " + to_string(dtype_) + " " +
                to_string(shape_));
  part.storage_ = storage_;
  part.offset_ = (offset_ + first_byte) / size_of(dtype);
  return part;
}

float Tensor::item() const {
  CNN_CHECK(
      size_ == 1 && dtype_ == DType::f32, ShapeError,
      "[item] needs exactly one f32 element; the tensor is " + to_string(dtype_) + " " + to_string(shape_));
  float value = 0;
  copy_rows({reinterpret_cast<std::byte*>(&value), {}}, {bytes(), device()}, size_of(dtype_));
  return value;
}

Tensor Tensor::channels(Index first, Index count) const {
  CNN_CHECK(rank() >= 2 && first >= 0 && count >= 0 && count <= shape_[1] && first <= shape_[1] - count,
            ShapeError,
            "[channels] " + std::to_string(first) + " ... " + std::to_string(first + count - 1) +
                " asked of a tensor " + to_string(shape_));
  Tensor slice = *this;
  slice.shape_[1] = count;
  const Index channel = shape_[1] == 0 ? 0 : elements_after_first_axis(shape_) / shape_[1];
  slice.offset_ += first * channel;
  slice.size_ = element_count(slice.shape_);
  return slice;
}

Tensor Tensor::grown(Index count) const {
  if (!defined() || rank() < 2 || offset_ != 0 || storage_->channels_in_use != shape_[1]) return {};
  Tensor more = *this;
  more.shape_[1] += count;
  if (elements_after_first_axis(more.shape_) > image_stride_) return {};
  more.size_ = element_count(more.shape_);
  storage_->channels_in_use += count;
  return more;
}

Tensor Tensor::rows(Index first, Index count) const {
  CNN_CHECK(rank() >= 1 && first >= 0 && count >= 0 && count <= shape_[0] && first <= shape_[0] - count,
            ShapeError,
            "[rows] " + std::to_string(first) + " ... " + std::to_string(first + count - 1) +
                " asked of a tensor " + to_string(shape_));
  Tensor slice = *this;
  slice.shape_[0] = count;
  slice.offset_ += first * image_stride_;
  slice.size_ = element_count(slice.shape_);
  return slice;
}

void Tensor::copy_from(const Tensor& source) {
  CNN_CHECK(shape_ == source.shape_ && dtype_ == source.dtype_, ShapeError,
            "[copy] source is " + to_string(source.dtype_) + " " + to_string(source.shape_) +
                ", destination " + to_string(dtype_) + " " + to_string(shape_));
  if (is_dense() && source.is_dense()) {
    copy_rows({bytes(), device()}, {source.bytes(), source.device()}, size_ * size_of(dtype_));
    return;
  }
  copy_rows({bytes(), device(), image_stride_ * size_of(dtype_)},
            {source.bytes(), source.device(), source.image_stride_ * size_of(dtype_)},
            elements_after_first_axis(shape_) * size_of(dtype_), shape_[0]);
}

void Tensor::check_rank(std::size_t rank) const {
  CNN_CHECK(shape_.size() == rank, ShapeError,
            "[tensor] " + std::to_string(rank) + " axes expected, the tensor is " + to_string(shape_));
}

}  // namespace cnn

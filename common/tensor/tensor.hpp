// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/core/check.hpp"
#include "common/core/device.hpp"
#include "common/core/shape.hpp"
#include "common/core/storage.hpp"

namespace cnn {

/// A handle to a row-major array on one device. Copying a handle shares the elements; clone() copies them. Only the first
/// axis may be strided: a range of channels of a batch is a tensor too, and needs no copy.
class Tensor {
 public:
  /// A tensor without storage; defined() is false, and all else that touches elements throws or is undefined.
  Tensor() = default;

  /// \param shape   sizes of the axes
  /// \param device  where
  /// \param dtype   element type
  /// \return        a tensor whose elements are undefined
  /// \throws ShapeError  a size is negative
  static Tensor empty(Shape shape, Device device = {}, DType dtype = DType::f32);

  /// \param shape  sizes of the axes
  /// \param dtype  element type
  /// \return       a tensor on the host, its elements undefined, see Storage::allocate_page_locked()
  /// \throws ShapeError   a size is negative
  /// \throws DeviceError  there is no device
  static Tensor page_locked(Shape shape, DType dtype = DType::f32);

  /// \param shape   sizes of the axes
  /// \param device  where
  /// \param dtype   element type
  /// \return        a tensor of zeros
  static Tensor zeros(Shape shape, Device device = {}, DType dtype = DType::f32);

  /// \param shape   sizes of the axes, [n, c, ...]
  /// \param reserve channels that grown() may put behind those of each image
  /// \param device  where
  /// \return        a float32 tensor whose elements are undefined; strided if there is a reserve
  /// \throws ShapeError  a size is negative, or there is no axis of channels
  static Tensor with_reserve(Shape shape, Index reserve, Device device = {});

  /// \param shape   sizes of the axes
  /// \param values  the elements, row-major
  /// \param device  where
  /// \return        a float32 tensor with a copy of the values
  /// \throws ShapeError  the number of values is not that of the shape
  static Tensor from_values(Shape shape, std::span<const float> values, Device device = {});

  /// \param shape   sizes of the axes
  /// \param values  the elements, row-major
  /// \param device  where
  /// \return        an int64 tensor with a copy of the values
  /// \throws ShapeError  the number of values is not that of the shape
  static Tensor from_labels(Shape shape, std::span<const std::int64_t> values, Device device = {});

  /// \return sizes of the axes
  const Shape& shape() const noexcept { return shape_; }
  /// \return number of axes
  Index rank() const noexcept { return static_cast<Index>(shape_.size()); }
  /// \return number of elements
  Index size() const noexcept { return size_; }
  /// \return element type
  DType dtype() const noexcept { return dtype_; }
  /// \return where the elements are; cpu for a tensor without storage
  Device device() const noexcept { return storage_ ? storage_->device() : Device{}; }
  /// \return true if this handle holds a tensor
  bool defined() const noexcept { return storage_ != nullptr; }
  /// \return elements from one entry of the first axis to the next
  Index image_stride() const noexcept { return image_stride_; }
  /// \return true if the elements follow each other without gaps
  bool is_dense() const noexcept;
  /// \return true if no other handle shares the storage, so that in-place work cannot be seen elsewhere
  bool is_sole_owner() const noexcept { return storage_.use_count() == 1; }
  /// \param other  another tensor
  /// \return       true if both have the same storage
  bool shares_storage_with(const Tensor& other) const noexcept {
    return storage_ && storage_ == other.storage_;
  }

  /// The sizes as named numbers: `const auto [n, c, h, w] = x.dims<4>();`
  /// \return sizes of the axes
  /// \throws ShapeError  the rank is not Rank
  template <std::size_t Rank>
  std::array<Index, Rank> dims() const {
    check_rank(Rank);
    std::array<Index, Rank> sizes;
    for (std::size_t axis = 0; axis < Rank; ++axis) sizes[axis] = shape_[axis];
    return sizes;
  }

  /// \return first float; valid on device() only
  float* data() noexcept { return reinterpret_cast<float*>(bytes()); }
  /// \return first float; valid on device() only
  const float* data() const noexcept { return reinterpret_cast<const float*>(bytes()); }
  /// \return first element of an f64 tensor; valid on device() only
  double* doubles() noexcept { return reinterpret_cast<double*>(bytes()); }
  /// \return first element of an f64 tensor; valid on device() only
  const double* doubles() const noexcept { return reinterpret_cast<const double*>(bytes()); }
  /// \return first element of an i64 tensor; valid on device() only
  std::int64_t* labels() noexcept { return reinterpret_cast<std::int64_t*>(bytes()); }
  /// \return first element of an i64 tensor; valid on device() only
  const std::int64_t* labels() const noexcept { return reinterpret_cast<const std::int64_t*>(bytes()); }
  /// \return first element of an i32 tensor; valid on device() only
  std::int32_t* indices() noexcept { return reinterpret_cast<std::int32_t*>(bytes()); }
  /// \return first element of an i32 tensor; valid on device() only
  const std::int32_t* indices() const noexcept { return reinterpret_cast<const std::int32_t*>(bytes()); }
  /// \return first element of a u8 tensor; valid on device() only
  std::uint8_t* pixels() noexcept { return reinterpret_cast<std::uint8_t*>(bytes()); }
  /// \return first element of a u8 tensor; valid on device() only
  const std::uint8_t* pixels() const noexcept { return reinterpret_cast<const std::uint8_t*>(bytes()); }
  /// \return first byte, whatever the element type; null without storage and on `meta`
  std::byte* bytes() const noexcept;

  /// \return the floats of a dense host tensor
  /// \throws StateError   the tensor is not dense float32
  /// \throws DeviceError  it is not on the host
  std::span<float> values();
  /// \return the floats of a dense host tensor
  /// \throws StateError   the tensor is not dense float32
  /// \throws DeviceError  it is not on the host
  std::span<const float> values() const;

  /// \param device  destination
  /// \return        this handle if it is there already, else a dense copy there
  Tensor to(Device device) const;
  /// \return a dense copy with storage of its own, on the same device
  Tensor clone() const;
  /// \param shape  new sizes; one of them may be -1: what is left over
  /// \return       the same elements under another shape, no copy
  /// \throws ShapeError  the number of elements differs
  /// \throws StateError  the tensor is not dense
  Tensor reshape(Shape shape) const;
  /// \param first_byte  where it begins, a multiple of the size of its elements
  /// \param shape       sizes of its axes
  /// \param dtype       its type
  /// \return            a tensor in the bytes of this dense u8 tensor, no copy
  /// \throws ShapeError  it does not lie within them
  Tensor part(Index first_byte, Shape shape, DType dtype) const;
  /// \return the only element of a one-element tensor, fetched from its device
  /// \throws ShapeError  there is not exactly one element
  float item() const;
  /// \param first  first channel
  /// \param count  number of channels
  /// \return       channels first ... first + count - 1 of each image of [n, c, ...], no copy
  /// \throws ShapeError  there are no such channels
  Tensor channels(Index first, Index count) const;
  /// More channels in the reserve of with_reserve(). Each is given out once: where another tensor has grown into it
  /// before, nothing is left.
  /// \param count  number of channels to put behind those of each image
  /// \return       these channels and `count` undefined ones in the same storage; not defined() if there are not so many in reserve
  Tensor grown(Index count) const;
  /// \param first  first entry
  /// \param count  number of entries
  /// \return       entries first ... first + count - 1 of the first axis, no copy
  /// \throws ShapeError  there are no such entries
  Tensor rows(Index first, Index count) const;
  /// Overwrites the elements with those of a tensor of the same shape and type, from any device.
  /// \param source  what to copy
  /// \throws ShapeError  shapes or types differ
  void copy_from(const Tensor& source);

 private:
  void check_rank(std::size_t rank) const;
  static Tensor without_storage(Shape shape, DType dtype);

  std::shared_ptr<Storage> storage_;
  Index offset_ = 0;  // in elements
  Shape shape_;
  Index size_ = 0;
  Index image_stride_ = 0;
  DType dtype_ = DType::f32;
};

}  // namespace cnn

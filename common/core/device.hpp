// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "common/core/shape.hpp"

namespace cnn {

/// Where a tensor's elements live. On `meta` they live nowhere: a tensor there has a shape and a size, takes a place in a heap
/// that has places only, and no operation computes anything.
enum class DeviceType { cpu, cuda, meta };

/// One processor with its own memory.
struct Device {
  DeviceType type = DeviceType::cpu;  ///< kind of processor
  int index = 0;                      ///< which one of its kind
  bool operator==(const Device&) const = default;
};

/// Writes a device as "cpu", "meta" or "cuda:0".
/// \param device  the device
/// \return        text
inline std::string to_string(Device device) {
  return device.type == DeviceType::cpu    ? "cpu"
         : device.type == DeviceType::meta ? "meta"
                                           : "cuda:" + std::to_string(device.index);
}

/// Type of a tensor's elements. Arithmetic is float32; f64 holds sums that several processes join, i32 the indices of a pooling,
/// i64 labels and counters, u8 images and masks.
enum class DType { f32, f64, i32, i64, u8 };

/// Bytes of one element.
/// \param dtype  element type
/// \return       4, 8 or 1
constexpr Index size_of(DType dtype) {
  return dtype == DType::i64 || dtype == DType::f64 ? 8 : dtype == DType::u8 ? 1 : 4;
}

/// Writes an element type as "f32", "f64", "i32", "i64" or "u8".
/// \param dtype  element type
/// \return       text
inline std::string to_string(DType dtype) {
  constexpr const char* names[] = {"f32", "f64", "i32", "i64", "u8"};  // in the order of the enum
  return names[static_cast<int>(dtype)];
}

}  // namespace cnn

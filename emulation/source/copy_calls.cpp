// SPDX-License-Identifier: MIT

// Functions of the runtime that copy and fill.

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "device_heap.hpp"
#include "runtime.hpp"

namespace emulation {
namespace {

/// Rows of bytes to copy.
struct Copy {
  char* to;
  std::size_t to_pitch;
  const char* from;
  std::size_t from_pitch, bytes, rows;

  std::size_t to_extent() const { return to_pitch * (rows - 1) + bytes; }
  std::size_t from_extent() const { return from_pitch * (rows - 1) + bytes; }
  void run() const {
    for (std::size_t row = 0; row < rows; ++row)
      std::memmove(to + row * to_pitch, from + row * from_pitch, bytes);
  }
};

cudaMemcpyKind kind_of(bool from_device, bool to_device) {
  if (from_device) return to_device ? cudaMemcpyDeviceToDevice : cudaMemcpyDeviceToHost;
  return to_device ? cudaMemcpyHostToDevice : cudaMemcpyHostToHost;
}

std::size_t fingerprint(const HostRange& range) {
  const Unwatched scope;
  return std::hash<std::string_view>()({range.begin, range.bytes});
}

void wait_for(Runtime& r, Stream& stream) {
  ++r.counters.stream_waits;
  stream.drain();
}

/// The host's memory is read when the copy runs, as late as possible, if it is page-locked, and at once otherwise.
void upload(Runtime& r, Stream& stream, Copy copy) {
  ++r.counters.uploads;
  r.counters.upload_bytes += static_cast<long>(copy.bytes * copy.rows);
  const HostRange source{copy.from, copy.from_extent()};
  if (!r.is_page_locked(source)) {
    const auto staged = std::make_shared<std::vector<char>>(source.begin, source.begin + source.bytes);
    copy.from = staged->data();
    r.queue(stream, {[copy, staged] { copy.run(); }});
  } else if (r.is_written(source)) {
    r.queue(stream, {[copy] { copy.run(); }, source});
  } else {
    const std::size_t before = fingerprint(source);
    const auto run = [copy, source, before] {
      const bool intact = fingerprint(source) == before;
      copy.run();
      if (!intact)
        throw Failure{cudaErrorInvalidValue,
                      "page-locked memory was written to while its upload was under way"};
    };
    r.queue(stream, {run, source});
  }
}

/// The host's memory is written when the copy runs, and poison until then, if it is page-locked; else the call waits.
void download(Runtime& r, Stream& stream, const Copy& copy) {
  ++r.counters.downloads;
  r.counters.download_bytes += static_cast<long>(copy.bytes * copy.rows);
  const HostRange target{copy.to, copy.to_extent()};
  const bool page_locked = r.is_page_locked(target);
  if (page_locked && !r.is_read(target) && !r.is_written(target)) {
    for (std::size_t row = 0; row < copy.rows; ++row)
      std::memset(copy.to + row * copy.to_pitch, poison_byte, copy.bytes);
  }
  r.queue(stream, {[copy] { copy.run(); }, {}, target});
  if (!page_locked) wait_for(r, stream);
}

void queue_copy(Runtime& r, Stream& stream, Copy copy, cudaMemcpyKind kind) {
  if (copy.bytes == 0 || copy.rows == 0) return;
  if (copy.rows > 1 && (copy.to_pitch < copy.bytes || copy.from_pitch < copy.bytes))
    throw std::invalid_argument("rows that overlap");
  DeviceHeap& heap = device_heap();
  const bool to_device = heap.owns(copy.to);
  const bool from_device = heap.owns(copy.from);
  const cudaMemcpyKind actual = kind_of(from_device, to_device);
  if (kind != cudaMemcpyDefault && kind != actual)
    throw std::invalid_argument("the pointers do not match the direction");
  if (to_device) copy.to = heap.bytes_of(copy.to, copy.to_extent(), stream.device);
  if (from_device) copy.from = heap.bytes_of(copy.from, copy.from_extent(), stream.device);
  switch (actual) {
    case cudaMemcpyHostToDevice:
      return upload(r, stream, copy);
    case cudaMemcpyDeviceToHost:
      return download(r, stream, copy);
    case cudaMemcpyDeviceToDevice:
      ++r.counters.device_copies;
      r.queue(stream, {[copy] { copy.run(); }});
      return;
    default:
      wait_for(r, stream);
      return copy.run();
  }
}

void queue_fill(Runtime& r, Stream& stream, void* pointer, int byte, std::size_t bytes) {
  if (bytes == 0) return;
  char* const begin = device_heap().bytes_of(pointer, bytes, stream.device);
  r.queue(stream, {[=] { std::memset(begin, byte, bytes); }});
}

Copy one_row(void* to, const void* from, std::size_t bytes) {
  return {static_cast<char*>(to), bytes, static_cast<const char*>(from), bytes, bytes, 1};
}

}  // namespace
}  // namespace emulation

using emulation::call;
using emulation::Runtime;

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return call(__func__, [&](Runtime& r) {
    emulation::Stream& s = r.stream(nullptr);
    emulation::queue_copy(r, s, emulation::one_row(to, from, bytes), kind);
    emulation::wait_for(r, s);
  });
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    emulation::queue_copy(r, r.stream(stream), emulation::one_row(to, from, bytes), kind);
  });
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t bytes, std::size_t rows, cudaMemcpyKind kind, cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    emulation::queue_copy(
        r, r.stream(stream),
        {static_cast<char*>(to), to_pitch, static_cast<const char*>(from), from_pitch, bytes, rows}, kind);
  });
}
cudaError_t cudaMemset(void* pointer, int byte, std::size_t bytes) {
  return call(__func__,
              [&](Runtime& r) { emulation::queue_fill(r, r.stream(nullptr), pointer, byte, bytes); });
}
cudaError_t cudaMemsetAsync(void* pointer, int byte, std::size_t bytes, cudaStream_t stream) {
  return call(__func__,
              [&](Runtime& r) { emulation::queue_fill(r, r.stream(stream), pointer, byte, bytes); });
}

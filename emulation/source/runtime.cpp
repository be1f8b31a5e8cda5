// SPDX-License-Identifier: MIT
#include "runtime.hpp"

#include <algorithm>
#include <cstdlib>

namespace emulation {
namespace {

thread_local Failure last;                      // of this thread's calls
thread_local cudaError_t unread = cudaSuccess;  // what cudaGetLastError() returns

/// Lets programs that cannot call the functions of control.hpp be tested, too.
template <typename F>
void from_environment(const char* name, F use) {
  if (const char* value = std::getenv(name)) use(value);
}

void run_into_traps(Runtime& r, const std::string& name) {
  for (auto trap = r.traps.begin(); trap != r.traps.end(); ++trap) {
    if (trap->call != name || --trap->left > 0) continue;
    const cudaError_t error = trap->error;
    r.traps.erase(trap);
    throw Failure{error, "the failure that a test ordered"};
  }
}

/// \throws Failure  nothing works on the current device
void check_device(Runtime& r) {
  if (r.device_count < 0)
    throw Failure{cudaErrorInsufficientDriver, "there is no driver for CUDA on this machine"};
  if (r.device_count == 0) throw Failure{cudaErrorNoDevice, "no CUDA-capable device is detected"};
  if (r.lost) throw Failure{cudaErrorDevicesUnavailable, "the device is lost"};
  const auto broken = r.broken.find(current_device());
  if (broken != r.broken.end()) throw broken->second;
}

}  // namespace

Runtime& runtime() {
  static Runtime* const instance = new Runtime;  // never destroyed, as the heap
  return *instance;
}

int& current_device() {
  thread_local int device = 0;
  return device;
}

Runtime::Runtime() {
  from_environment("EMULATED_CUDA_DEVICES", [&](const char* v) { device_count = std::atoi(v); });
  from_environment("EMULATED_CUDA_CAPABILITY", [&](const char* v) { capability = std::atoi(v); });
  from_environment("EMULATED_CUDA_MEMORY", [&](const char* v) { memory = std::strtoull(v, nullptr, 10); });
  from_environment("EMULATED_CUDA_FAIL",
                   [&](const std::string& v) {  // "cudaMallocAsync:3:2", call, nth, error
                     const std::size_t nth = v.find(':');
                     const std::size_t error = v.find(':', nth + 1);
                     if (error == std::string::npos) return;
                     traps.push_back({v.substr(0, nth), std::atoi(v.c_str() + nth + 1),
                                      static_cast<cudaError_t>(std::atoi(v.c_str() + error + 1))});
                   });
}

Stream& Runtime::stream(cudaStream_t stream) {
  if (stream != nullptr) {
    if (!streams.contains(stream))
      throw Failure{cudaErrorInvalidResourceHandle, "there is no such stream (destroyed?)"};
    return *stream;
  }
  cudaStream_t& found = default_streams[current_device()];
  if (found == nullptr) streams.insert(found = new CUstream_st(current_device(), true));
  return *found;
}

void Runtime::queue(Stream& stream, Operation operation) {
  const auto found = default_streams.find(stream.device);
  Stream* const default_stream = found == default_streams.end() ? nullptr : found->second;
  const auto wait_for = [&](Stream* other) {
    if (other->pending().empty()) return;
    auto moment = std::make_shared<Moment>();
    moment->stream = other;
    moment->number = other->queue({[moment] {
      moment->stream = nullptr;
      happens_before(&moment->passed);
    }});
    stream.queue({[moment] { moment->reach(); }});
  };
  if (&stream == default_stream) {
    for (Stream* other : streams)
      if (other != &stream && other->blocking && other->device == stream.device) wait_for(other);
  } else if (stream.blocking && default_stream != nullptr) {
    wait_for(default_stream);
  }
  stream.queue(std::move(operation));
}

void Runtime::drain_device(int device) {
  for (Stream* stream : streams)
    if (stream->device == device) stream->drain();
}

bool Runtime::is_read(const HostRange& range) const {
  return std::any_of(streams.begin(), streams.end(), [&](const Stream* s) {
    return std::any_of(s->pending().begin(), s->pending().end(),
                       [&](const auto& operation) { return operation->reads.meets(range); });
  });
}

bool Runtime::is_written(const HostRange& range) const {
  return std::any_of(streams.begin(), streams.end(), [&](const Stream* s) {
    return std::any_of(s->pending().begin(), s->pending().end(),
                       [&](const auto& operation) { return operation->writes.meets(range); });
  });
}

bool Runtime::is_page_locked(const HostRange& range) const {
  const auto after = page_locked.upper_bound(range.begin);
  if (after == page_locked.begin()) return false;
  const auto& [begin, bytes] = *std::prev(after);
  return range.begin + range.bytes <= begin + bytes;
}

cudaError_t fail(cudaError_t code, const std::string& text) {
  last = {code, text};
  return unread = code;
}

const char* last_text(cudaError_t status, const char* text) {
  return status == last.code && status != cudaSuccess ? last.text.c_str() : text;
}

cudaError_t call(const char* name, const std::function<void(Runtime&)>& body) {
  Runtime& r = runtime();
  const std::lock_guard lock(r.mutex);
  try {
    ++r.calls[name];
    check_device(r);
    run_into_traps(r, name);
    body(r);
    check_device(r);  // what was queued may have broken it
  } catch (const Failure& failure) {
    return fail(failure.code, failure.text);
  } catch (const std::exception& e) {
    return fail(cudaErrorInvalidValue, std::string(name) + ": " + e.what());
  }
  return cudaSuccess;
}

Counters counters() {
  const std::lock_guard lock(runtime().mutex);
  return runtime().counters;
}
long calls(const std::string& name) {
  const std::lock_guard lock(runtime().mutex);
  const auto found = runtime().calls.find(name);
  return found == runtime().calls.end() ? 0 : found->second;
}
void reset_counters() {
  const std::lock_guard lock(runtime().mutex);
  runtime().counters = {};
  runtime().calls.clear();
  for (auto& [device, usage] : runtime().usage) {
    usage.peak = usage.in_use;
    usage.pool_peak = usage.pooled;
  }
}
std::size_t peak_bytes(int device) {
  const std::lock_guard lock(runtime().mutex);
  return runtime().usage[device].peak;
}
void set_schedule(unsigned seed) {
  const std::lock_guard lock(runtime().mutex);
  runtime().schedule = seed;
}
void set_device_count(int count) {
  const std::lock_guard lock(runtime().mutex);
  runtime().device_count = count;
}
void set_capability(int capability) {
  const std::lock_guard lock(runtime().mutex);
  runtime().capability = capability;
}
void set_memory_limit(std::size_t bytes) {
  const std::lock_guard lock(runtime().mutex);
  runtime().memory = bytes;
}
void fail_call(const std::string& name, int nth, cudaError_t error) {
  const std::lock_guard lock(runtime().mutex);
  runtime().traps.push_back({name, nth, error});
}
void lose_devices() {
  const std::lock_guard lock(runtime().mutex);
  runtime().lost = true;
}
void reset() {
  Runtime& r = runtime();
  const std::lock_guard lock(r.mutex);
  const Runtime fresh;
  for (Stream* stream : r.streams) stream->forget();
  r.broken.clear();
  r.lost = false;
  r.traps.clear();
  r.device_count = fresh.device_count;
  r.capability = fresh.capability;
  r.memory = fresh.memory;
  r.schedule = fresh.schedule;
  current_device() = 0;
  last = {};
  unread = cudaSuccess;
}

}  // namespace emulation

cudaError_t cudaGetLastError() { return std::exchange(emulation::unread, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return emulation::unread; }

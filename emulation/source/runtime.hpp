// SPDX-License-Identifier: MIT
#pragma once

#include <emulation/control.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "stream.hpp"

namespace emulation {

/// What a call or a device says has gone wrong.
struct Failure {
  cudaError_t code = cudaSuccess;
  std::string text;
};

/// Bytes of a device.
struct Usage {
  std::size_t in_use = 0;     // by allocations of either kind
  std::size_t pooled = 0;     // of these, those from the pool
  std::size_t peak = 0;       // largest in_use
  std::size_t pool_peak = 0;  // largest pooled
  std::size_t reserved = 0;   // by the pool: pooled, and what it keeps
  std::size_t threshold = 0;  // what the pool may keep when the host waits
};

/// The state of the machine that is emulated. Whoever touches it holds its mutex, which Call does.
struct Runtime {
  std::recursive_mutex mutex;

  int device_count = 1;
  int capability = 86;
  std::size_t memory = std::size_t{4} << 30;
  unsigned schedule = 0;
  struct Trap {
    std::string call;
    int left;  // calls until it fails
    cudaError_t error;
  };
  std::vector<Trap> traps;
  bool lost = false;

  std::set<cudaStream_t> streams;
  std::vector<std::unique_ptr<CUstream_st>> destroyed;  // events may still know them
  std::map<int, cudaStream_t> default_streams;          // by device
  std::map<const char*, std::size_t> page_locked;       // begin -> size
  std::map<const void*, std::size_t> shared_limits;     // by kernel, as it asked for
  std::map<int, Usage> usage;                           // by device
  std::map<int, Failure> broken;                        // by device: nothing works on it any more
  Counters counters;
  std::map<std::string, long> calls;

  Runtime();
  /// \return the stream, or the default one of the current device
  /// \throws Failure  there is no such stream
  Stream& stream(cudaStream_t stream);
  /// Appends work to a stream, and the turns that it takes with the default stream.
  void queue(Stream& stream, Operation operation);
  /// Waits for all streams of a device.
  void drain_device(int device);
  /// \return whether queued work reads (or writes) any of these bytes
  bool is_read(const HostRange& range) const;
  bool is_written(const HostRange& range) const;
  /// \return whether memory of the host is page-locked
  bool is_page_locked(const HostRange& range) const;
};

/// \return the one runtime
Runtime& runtime();
/// \param status  of a call
/// \param text    what the status means
/// \return        the whole diagnosis if it is that of this thread's last failure, else the text
const char* last_text(cudaError_t status, const char* text);
/// \return number of the device that this thread's calls go to
int& current_device();

/// Runs a function of the runtime: counts it, lets it fail if a test or a broken device wants so, and turns what it throws into
/// its status.
/// \param name  of the function
/// \param body  what it does
/// \return      its status
cudaError_t call(const char* name, const std::function<void(Runtime&)>& body);

}  // namespace emulation

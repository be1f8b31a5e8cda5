// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <string>
#include <utility>
#include <vector>

#include "common/backend/backend.hpp"
#include "common/core/device_memory.hpp"
#include "common/core/threads.hpp"

namespace cnn::test {

/// \return the rungs that tests run on: all that there are, but in programs labelled cuda of a build with CUDA that one alone,
///         card or not, so that a machine without one lists the same tests
inline std::vector<std::string> tested_backends() {
#if defined(CNN_TESTED_RUNG)
  return {CNN_TESTED_RUNG};
#else
  std::vector<std::string> names = backend_names();
  if (device_memory::device_count() > 0 && device_memory::is_emulated(0)) names.pop_back();  // it takes long
  return names;
#endif
}

/// \return the rungs that tests run on as a data set: a test case runs once on each
inline auto backends() { return boost::unit_test::data::make(tested_backends()); }

/// \return those of them above the lowest one, which are measured with it
inline auto faster_backends() {
  std::vector<std::string> names = tested_backends();
  if (names.front() == "reference") names.erase(names.begin());
  return boost::unit_test::data::make(std::move(names));
}

/// \param x  a host tensor
/// \return   the tensor where the rung in use works; a range of channels stays one
inline Tensor on_device(const Tensor& x) {
  if (x.is_dense() || default_device() == Device{}) return x.to(default_device());
  Shape shape = x.shape();
  shape[1] += 3;
  Tensor slice = Tensor::empty(std::move(shape), default_device(), x.dtype()).channels(1, x.shape()[1]);
  slice.copy_from(x);
  return slice;
}

/// A number of threads for the life of a scope.
class ThreadScope {
 public:
  /// \param count  number of threads
  explicit ThreadScope(int count) : former_(thread_count()) { set_thread_count(count); }
  ~ThreadScope() { set_thread_count(former_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int former_;
};

}  // namespace cnn::test

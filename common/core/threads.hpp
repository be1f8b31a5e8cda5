// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "common/core/shape.hpp"

namespace cnn {

/// Whether this build may start threads; without them the caller does all the work, with the same results.
constexpr bool with_threads = CNN_WITH_THREADS;

/// Most threads that parallel_for() uses, the caller's included.
constexpr int most_threads = with_threads ? 1024 : 1;

/// Sets how many threads parallel_for() uses, the caller's included.
/// \param count  at least 1
/// \throws UsageError  count is below 1 or above most_threads
void set_thread_count(int count);

/// \return how many threads parallel_for() uses; at first, the number of processors this process may run on
int thread_count();

/// Cuts 0 ... count - 1 into consecutive pieces of `grain` (the last may be shorter) and calls `work(first, last)` for each,
/// on all threads. The cut depends on count and grain only, never on the number of threads: a sum made piece by piece and
/// then added in the order of the pieces has the same bits on any machine. A call from inside a piece runs its pieces in turn.
/// \param count  number of items
/// \param grain  items a piece, at least 1
/// \param work   called with [first, last); the first exception it throws is thrown here
void parallel_for(Index count, Index grain, const std::function<void(Index, Index)>& work);

}  // namespace cnn

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace cnn::bench {

/// The arithmetic limit of this machine, measured: how many multiplications and additions a second the innermost loop of the
/// simd rung does on panels that stay in the first cache. It multiplies and adds registers and hardly does anything else, so
/// no product of matrices is faster. Leaves the rung's instruction set as it was.
/// \param level    one of simd_level_names()
/// \param threads  how many at once
/// \return         FLOP/s, a multiplication with addition counting twice; the best of several attempts
double measured_limit(const std::string& level, int threads);

/// The limit of one instruction set, in FLOP/s.
struct Limit {
  std::string level;   ///< "avx2"
  double one_thread;   ///< with one thread
  double all_threads;  ///< with thread_count() threads
};

/// The limits of all instruction sets of this CPU: the most that was measured so far. A machine that others use too is slower
/// at times.
class Limits {
 public:
  Limits();

  /// \return the limits, slowest instruction set first
  const std::vector<Limit>& all() const noexcept { return all_; }

  /// Measures the limit with all threads once more and keeps the larger one.
  /// \param level  an instruction set
  void measure_again(const std::string& level);

  /// \param level  an instruction set; empty for the best
  /// \return       its limit with all threads, in FLOP/s
  double of(const std::string& level) const;

 private:
  std::vector<Limit> all_;
};

}  // namespace cnn::bench

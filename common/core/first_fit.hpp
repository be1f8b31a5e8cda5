// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>

#include "common/core/shape.hpp"

namespace cnn {

/// Gives out places in a range of bytes: each request gets the first free place that is large enough, and a place that is given
/// back joins the free ones beside it. It knows nothing of memory, only of positions.
class FirstFit {
 public:
  /// A run of bytes that nobody has.
  struct Place {
    Index bytes;
    Index used;  ///< about how many of them somebody has had
  };

  /// \param size  of the range, in bytes
  explicit FirstFit(Index size) : free_{{0, {size, 0}}} {}

  /// \param bytes  wanted, at least 1
  /// \return       position of the first one, or none if no free place is large enough
  std::optional<Index> take(Index bytes);
  /// \param position  what take() returned
  /// \param bytes     what it was asked for
  void give_back(Index position, Index bytes) noexcept;

  /// \return bytes that somebody has had and nobody has
  Index idle() const { return idle_; }
  /// \return the free places by position
  const std::map<Index, Place>& free_places() const { return free_; }
  /// From now on, nobody has had what nobody has.
  void forget();

 private:
  std::map<Index, Place> free_;
  Index idle_ = 0;
};

}  // namespace cnn

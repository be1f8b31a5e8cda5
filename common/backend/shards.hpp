// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "common/core/shape.hpp"

namespace cnn {

/// Sums over the images of a batch (gradients of weights and biases, statistics of batch normalization) are made for so many
/// parts of it, its *shards*, and joined in pairs, ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). So they have the same bits on any
/// number of threads, and on 1, 2, 4 or 8 processes that have some of the shards each.
constexpr Index shard_count = 8;

/// Shards of a batch, numbers first ... last - 1, whose images a tensor holds. Shard k of a batch of n images has those from
/// n k / 8 on, up to n (k + 1) / 8; none if n is small.
struct Shards {
  Index images;              ///< of the whole batch
  Index first = 0;           ///< a multiple of last - first
  Index last = shard_count;  ///< 1, 2, 4 or 8 more

  /// \param images  of a batch
  /// \return        all of it
  static Shards all(Index images) { return {.images = images}; }
  /// \return the first image of shard `first`, counted in the whole batch
  Index first_image() const { return start(first); }
  /// \return images that the tensor holds
  Index image_count() const { return begin(count()); }
  /// \return how many shards
  Index count() const { return last - first; }
  /// \param k  0 ... count()
  /// \return   the first image of shard first + k, counted from the first one of the tensor
  Index begin(Index k) const { return start(first + k) - start(first); }
  /// \return images of the largest shard
  Index most_images() const {
    Index most = 0;
    for (Index k = 0; k < count(); ++k) most = std::max(most, begin(k + 1) - begin(k));
    return most;
  }

 private:
  Index start(Index shard) const { return images * shard / shard_count; }
};

/// Joins sums that are all there in pairs.
/// \param count  1, 2, 4 or 8
/// \param join   called with (to, from): adds sum `from` to sum `to`; the result is in sum 0
template <typename Join>
void join_in_pairs(Index count, const Join& join) {
  for (Index step = 1; step < count; step *= 2)
    for (Index k = 0; k < count; k += 2 * step) join(k, k + step);
}

/// A sum over images: in double within a shard, then rounded and joined with the other shards.
/// \param shards  of the images
/// \param term    called with the number of an image in the tensor; what it adds
/// \return        the sum
template <typename T, typename Term>
T sum_over_shards(const Shards& shards, const Term& term) {
  T sums[shard_count];
  for (Index k = 0; k < shards.count(); ++k) {
    double sum = 0;
    for (Index n = shards.begin(k); n < shards.begin(k + 1); ++n) sum += term(n);
    sums[k] = static_cast<T>(sum);
  }
  join_in_pairs(shards.count(), [&](Index to, Index from) { sums[to] += sums[from]; });
  return sums[0];
}

/// Joins sums that come one after the other in pairs, as join_in_pairs() does, like a binary counter that is counted up: sum k is
/// added to those that wait for it, and then waits itself. At most three wait, and the result waits in slot 0.
/// \param k    number of the sum, from 0 on
/// \param add  called with a slot whose sum is to be added to sum k, the last first; that slot is free then
/// \return     the slot in which sum k waits
template <typename Add>
Index join_waiting(Index k, const Add& add) {
  Index waiting = 0;
  for (Index rest = k; rest > 0; rest /= 2) waiting += rest % 2;
  for (Index made = k + 1; made % 2 == 0; made /= 2) add(--waiting);
  return waiting;
}

/// \param count  of sums: 1, 2, 4 or 8
/// \return       1, 1, 2 or 3: slots in which they wait
constexpr Index slots_for(Index count) {
  Index slots = 1;
  for (; count > 2; count /= 2) ++slots;
  return slots;
}

}  // namespace cnn

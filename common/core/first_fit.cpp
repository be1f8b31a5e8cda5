// SPDX-License-Identifier: MIT
#include "common/core/first_fit.hpp"

#include <algorithm>
#include <iterator>
#include <new>

namespace cnn {

std::optional<Index> FirstFit::take(Index bytes) {
  const auto found = std::find_if(free_.begin(), free_.end(),
                                  [=](const auto& entry) { return entry.second.bytes >= bytes; });
  if (found == free_.end()) return std::nullopt;
  const Index position = found->first;
  const Index used = std::min(found->second.used, bytes);
  idle_ -= used;
  if (found->second.bytes == bytes) {
    free_.erase(found);
  } else {
    auto rest = free_.extract(found);
    rest.key() += bytes;
    rest.mapped().bytes -= bytes;
    rest.mapped().used -= used;
    free_.insert(std::move(rest));
  }
  return position;
}

void FirstFit::give_back(Index position, Index bytes) noexcept {
  std::map<Index, Place>::iterator place;
  try {
    place = free_.insert({position, {bytes, bytes}}).first;
  } catch (const std::bad_alloc&) {
    return;  // not even a note of the place can be kept: it is lost
  }
  idle_ += bytes;
  const auto join = [this](auto left, auto right) {
    if (left->first + left->second.bytes != right->first) return;
    left->second.bytes += right->second.bytes;
    left->second.used += right->second.used;
    free_.erase(right);
  };
  if (std::next(place) != free_.end()) join(place, std::next(place));
  if (place != free_.begin()) join(std::prev(place), place);
}

void FirstFit::forget() {
  for (auto& [position, place] : free_) place.used = 0;
  idle_ = 0;
}

}  // namespace cnn

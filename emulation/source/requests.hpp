// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace emulation {

/// One access of a lane.
struct Access {
  std::uintptr_t instruction;
  std::uint32_t occurrence;  // how often the thread came there before
  std::uintptr_t address;
  std::uint8_t bytes, lane;
  bool writes, is_shared;

  bool operator<(const Access& other) const {
    return instruction != other.instruction ? instruction < other.instruction : occurrence < other.occurrence;
  }
  bool is_of_request(const Access& other) const {
    return instruction == other.instruction && occurrence == other.occurrence;
  }
};

/// Accesses of one request.
struct Request {
  const Access *first, *last;

  const Access* begin() const { return first; }
  const Access* end() const { return last; }
};

constexpr std::uintptr_t sector_bytes = 32;

/// \return how many lines of 128 bytes a request touches
long lines_of(const Request& request);
/// \return the numbers of the sectors that it touches, ascending
std::vector<std::uintptr_t> sectors_of(const Request& request);
/// \return how many sectors its bytes would fill, each counted once
long ideal_sectors_of(const Request& request);
/// \return how many different words of four bytes a request touches
long words_of(const Request& request);
/// \return how many times shared memory has to answer: as often as its busiest bank has different words to give. Lanes of 8 bytes
/// are served 16 at a time, lanes of 16 bytes 8 at a time.
long wavefronts_of(const Request& request);
/// \return the same, were there no conflicts
long ideal_wavefronts_of(const Request& request);

}  // namespace emulation

// SPDX-License-Identifier: MIT
#include "requests.hpp"

#include <algorithm>

#include "block.hpp"

namespace emulation {
namespace {

constexpr unsigned banks = 32, word_bytes = 4, line_bytes = 128;

using Numbers = std::vector<std::uintptr_t>;

void sort_out(Numbers& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

/// The numbers of the pieces of memory that a request touches.
Numbers pieces_of(const Request& request, std::uintptr_t piece) {
  Numbers pieces;
  for (const Access& a : request)
    for (std::uintptr_t p = a.address / piece; p <= (a.address + a.bytes - 1) / piece; ++p)
      pieces.push_back(p);
  sort_out(pieces);
  return pieces;
}

/// How many lanes are served at once.
unsigned lanes_of_phase(const Request& request) {
  return warp_lanes * word_bytes / std::max<unsigned>(word_bytes, request.first->bytes);
}

}  // namespace

long lines_of(const Request& request) { return static_cast<long>(pieces_of(request, line_bytes).size()); }

long words_of(const Request& request) { return static_cast<long>(pieces_of(request, word_bytes).size()); }

Numbers sectors_of(const Request& request) { return pieces_of(request, sector_bytes); }

long ideal_sectors_of(const Request& request) {
  const std::size_t bytes = pieces_of(request, 1).size();
  return static_cast<long>((bytes + sector_bytes - 1) / sector_bytes);
}

long wavefronts_of(const Request& request) {
  const unsigned lanes = lanes_of_phase(request);
  long all = 0;
  for (unsigned phase = 0; phase < warp_lanes; phase += lanes) {
    Numbers words;
    for (const Access& a : request)
      if (a.lane / lanes == phase / lanes)
        for (unsigned i = 0; i < a.bytes; i += word_bytes) words.push_back((a.address + i) / word_bytes);
    sort_out(words);
    long of_bank[banks] = {};
    for (const std::uintptr_t word : words) ++of_bank[word % banks];
    all += *std::max_element(of_bank, of_bank + banks);
  }
  return all;
}

long ideal_wavefronts_of(const Request& request) {
  const unsigned lanes = lanes_of_phase(request);
  unsigned phases = 0;  // that have a lane, a bit each
  for (const Access& a : request) phases |= 1u << a.lane / lanes;
  return __builtin_popcount(phases);
}

}  // namespace emulation

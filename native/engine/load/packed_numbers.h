#pragma once

#include <cstdint>

namespace exo {

/// The number at `index` in a row of little-endian numbers of `bits` bits.
inline uint32_t number_at(const uint32_t* words, int64_t index, int32_t bits) {
  const int64_t bit = index * bits;
  const int64_t word = bit / 32, shift = bit % 32;
  uint64_t pair = words[word];
  if (shift + bits > 32) pair |= static_cast<uint64_t>(words[word + 1]) << 32;
  return static_cast<uint32_t>(pair >> shift) & ((1u << bits) - 1);
}

}  // namespace exo

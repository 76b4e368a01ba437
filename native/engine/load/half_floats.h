#pragma once

#include <bit>
#include <cstdint>

#include "weight_source.h"

namespace exo {

/// The nearest number of a float type, as its bits. A tie goes to the even one.
inline uint32_t narrowed(float value, StoredType type) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (type == StoredType::BFloat16) return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  if (type == StoredType::Float16) return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
  return bits;
}

/// The value of an 8-bit float with 4 exponent and 3 mantissa bits. It has no infinities.
inline float float8_value(uint8_t bits) {
  const uint32_t magnitude = bits & 0x7fu;
  if (magnitude == 0x7fu) return std::bit_cast<float>(0x7fc00000u);
  // The exponent's bias is 7 instead of 127. Numbers without an exponent come out right too.
  const float value = std::bit_cast<float>(magnitude << 20) * 0x1p120f;
  return (bits & 0x80u) ? -value : value;
}

}  // namespace exo

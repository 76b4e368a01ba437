#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "weight_source.h"

namespace exo {

// GCC knows _Float16 in C++ on arm64 only since version 13.
#if defined(__aarch64__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
using Half = __fp16;
#else
using Half = _Float16;
#endif

/// The bits of the nearest bfloat16. A tie goes to the even one.
inline uint16_t bfloat16_bits(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

/// The bits of the nearest number of a float type. A tie goes to the even one.
inline uint32_t narrowed(float value, StoredType type) {
  if (type == StoredType::BFloat16) return bfloat16_bits(value);
  if (type == StoredType::Float16) return std::bit_cast<uint16_t>(static_cast<Half>(value));
  return std::bit_cast<uint32_t>(value);
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

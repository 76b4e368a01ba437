#include "poly1305.h"

#include <cstring>

namespace exo {

namespace {

using Wide = unsigned __int128;

constexpr uint64_t kMask44 = 0xfffffffffff;
constexpr uint64_t kMask42 = 0x3ffffffffff;
/// The bit 2^128 of a whole block, as seen in the third limb.
constexpr uint64_t kBlockEnd = uint64_t{1} << 40;

uint64_t load(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

uint64_t middle(uint64_t low, uint64_t high) { return (low >> 44) | (high << 20); }

}  // namespace

Poly1305::Poly1305(std::span<const uint8_t, 32> key) {
  const uint64_t low = load(key.data());
  const uint64_t high = load(key.data() + 8);
  r_[0] = low & 0xffc0fffffff;
  r_[1] = middle(low, high) & 0xfffffc0ffff;
  r_[2] = (high >> 24) & 0x00ffffffc0f;
  pad_[0] = load(key.data() + 16);
  pad_[1] = load(key.data() + 24);
}

void Poly1305::add_block(const uint8_t* block) {
  const uint64_t low = load(block);
  const uint64_t high = load(block + 8);
  const uint64_t h0 = h_[0] + (low & kMask44);
  const uint64_t h1 = h_[1] + (middle(low, high) & kMask44);
  const uint64_t h2 = h_[2] + (((high >> 24) & kMask42) | kBlockEnd);
  // Modulo the prime 2^130 - 5: 2^132 = 4 * 2^130 = 4 * 5 = 20.
  const uint64_t s1 = r_[1] * 20;
  const uint64_t s2 = r_[2] * 20;
  const Wide d0 = Wide{h0} * r_[0] + Wide{h1} * s2 + Wide{h2} * s1;
  Wide d1 = Wide{h0} * r_[1] + Wide{h1} * r_[0] + Wide{h2} * s2;
  Wide d2 = Wide{h0} * r_[2] + Wide{h1} * r_[1] + Wide{h2} * r_[0];
  d1 += static_cast<uint64_t>(d0 >> 44);
  d2 += static_cast<uint64_t>(d1 >> 44);
  h_[0] = (static_cast<uint64_t>(d0) & kMask44) + static_cast<uint64_t>(d2 >> 42) * 5;
  h_[1] = (static_cast<uint64_t>(d1) & kMask44) + (h_[0] >> 44);
  h_[0] &= kMask44;
  h_[2] = static_cast<uint64_t>(d2) & kMask42;
}

void Poly1305::add_padded(std::span<const uint8_t> bytes) {
  const size_t whole = bytes.size() / 16 * 16;
  for (size_t at = 0; at < whole; at += 16) add_block(bytes.data() + at);
  if (whole == bytes.size()) return;
  uint8_t last[16] = {};
  std::memcpy(last, bytes.data() + whole, bytes.size() - whole);
  add_block(last);
}

void Poly1305::carry() {
  h_[2] += h_[1] >> 44;
  h_[1] &= kMask44;
  h_[0] += (h_[2] >> 42) * 5;
  h_[2] &= kMask42;
  h_[1] += h_[0] >> 44;
  h_[0] &= kMask44;
}

std::array<uint8_t, 16> Poly1305::tag() {
  carry();
  carry();
  h_[2] += h_[1] >> 44;
  h_[1] &= kMask44;
  // Subtracts the prime 2^130 - 5 if the result is not negative, without a branch on secret bits.
  uint64_t g0 = h_[0] + 5;
  uint64_t g1 = h_[1] + (g0 >> 44);
  g0 &= kMask44;
  const uint64_t g2 = h_[2] + (g1 >> 44) - (uint64_t{1} << 42);
  g1 &= kMask44;
  const uint64_t take = (g2 >> 63) - 1;
  const uint64_t h0 = (h_[0] & ~take) | (g0 & take);
  const uint64_t h1 = (h_[1] & ~take) | (g1 & take);
  const uint64_t h2 = (h_[2] & ~take) | (g2 & take);
  const uint64_t low = h0 | (h1 << 44);
  const uint64_t high = (h1 >> 20) | (h2 << 24);
  const Wide sum = (Wide{high} << 64 | low) + (Wide{pad_[1]} << 64 | pad_[0]);
  const uint64_t words[2] = {static_cast<uint64_t>(sum), static_cast<uint64_t>(sum >> 64)};
  std::array<uint8_t, 16> tag;
  std::memcpy(tag.data(), words, sizeof(words));
  return tag;
}

}  // namespace exo

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace exo {

/// The one-time authenticator Poly1305 of RFC 8439, in limbs of 44, 44 and 42 bits.
class Poly1305 {
 public:
  explicit Poly1305(std::span<const uint8_t, 32> key);

  /// Adds the bytes, padded with zeros to a multiple of 16.
  void add_padded(std::span<const uint8_t> bytes);
  /// Returns the tag of all that was added. Nothing can be added afterwards.
  std::array<uint8_t, 16> tag();

 private:
  void add_block(const uint8_t* block);
  void carry();

  uint64_t r_[3];
  uint64_t pad_[2];
  uint64_t h_[3] = {0, 0, 0};
};

}  // namespace exo

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// ChaCha20-Poly1305 of RFC 8439, and HChaCha20 of the XChaCha20 draft. The engine links no library that has them on
// every supported system. The tests compare them with published vectors and with OpenSSL.

namespace exo {

using Key = std::array<uint8_t, 32>;
using Bytes = std::span<const uint8_t>;

constexpr size_t kTagBytes = 16;

/// Derives a key from a key and 16 bytes. Without knowledge of the input key, the result is indistinguishable from
/// random.
Key derive_key(const Key& key, std::span<const uint8_t, 16> input);

/// Encrypts `plain`, in place or into another buffer, and writes the tag.
/// @param counter a nonce that must never be reused with the same key
void seal(const Key& key, uint64_t counter, Bytes header, Bytes plain, uint8_t* sealed, std::span<uint8_t, kTagBytes> tag);

/// @returns false if the tag does not match; the output is unchanged then
bool open(const Key& key, uint64_t counter, Bytes header, Bytes sealed, std::span<const uint8_t, kTagBytes> tag, uint8_t* plain);

}  // namespace exo

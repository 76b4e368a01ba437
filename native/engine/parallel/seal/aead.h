#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// ChaCha20-Poly1305 of RFC 8439, and HChaCha20 of XChaCha20's draft. The engine links no library that has them on every
// system that it runs on; the tests compare it with published vectors and
// with OpenSSL.

namespace exo {

using Key = std::array<uint8_t, 32>;
using Bytes = std::span<const uint8_t>;

constexpr size_t kTagBytes = 16;

/// Derives a key from a key and 16 bytes. Without the first key, the result looks random.
Key derive_key(const Key& key, std::span<const uint8_t, 16> input);

/// Encrypts `plain`, in place or into another buffer, and writes its tag.
/// @param counter must never repeat with one key
void seal(const Key& key, uint64_t counter, Bytes header, Bytes plain, uint8_t* sealed, std::span<uint8_t, kTagBytes> tag);

/// @returns false when the tag does not match; nothing is written then
bool open(const Key& key, uint64_t counter, Bytes header, Bytes sealed, std::span<const uint8_t, kTagBytes> tag, uint8_t* plain);

}  // namespace exo

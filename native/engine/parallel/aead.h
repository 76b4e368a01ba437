#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// ChaCha20-Poly1305 of RFC 8439, and HChaCha20 of XChaCha20's draft. The engine links no library that has them on every
// system that it runs on; the tests hold it beside the RFC's vectors and beside OpenSSL.

namespace exo {

using Key = std::array<uint8_t, 32>;
using Bytes = std::span<const uint8_t>;

constexpr size_t kTagBytes = 16;

/// A key from a key and 16 bytes: without the first, one that is as good as random.
Key derive_key(const Key& key, std::span<const uint8_t, 16> input);

/// Writes `plain`, encrypted in place of itself or elsewhere, and its tag.
/// @param counter never twice with one key
void seal(const Key& key, uint64_t counter, Bytes header, Bytes plain, uint8_t* sealed, std::span<uint8_t, kTagBytes> tag);

/// @returns false where the tag is another's: nothing is written then
bool open(const Key& key, uint64_t counter, Bytes header, Bytes sealed, std::span<const uint8_t, kTagBytes> tag, uint8_t* plain);

}  // namespace exo

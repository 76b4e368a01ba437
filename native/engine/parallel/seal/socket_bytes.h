#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Reads and writes whole messages on blocking sockets, and continues after a signal interrupts.

namespace exo {

/// @returns the number of bytes read; 0 at the end of the stream or after an error
size_t read_some(int descriptor, std::span<uint8_t> bytes);
/// @returns whether the whole buffer was filled
bool read_all(int descriptor, std::span<uint8_t> bytes);
/// @returns whether the whole buffer was sent
bool write_all(int descriptor, std::span<const uint8_t> bytes);

}  // namespace exo

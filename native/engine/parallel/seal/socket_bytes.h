#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Reads and writes whole messages on blocking sockets, also when a signal interrupts.

namespace exo {

/// @returns how many bytes came; 0 at the end and where the connection broke
size_t read_some(int descriptor, std::span<uint8_t> bytes);
/// @returns whether all of them came
bool read_all(int descriptor, std::span<uint8_t> bytes);
/// @returns whether all of them were taken
bool write_all(int descriptor, std::span<const uint8_t> bytes);

}  // namespace exo

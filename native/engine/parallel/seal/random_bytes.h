#pragma once

#include "neighbour_handshake.h"

namespace exo {

/// The random bytes of one handshake, from the operating system.
/// @throws std::system_error
RandomBytes random_bytes();

}  // namespace exo

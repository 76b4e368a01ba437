#pragma once

#include <optional>

#include "neighbour_path.h"

namespace exo {

/// Connects to the next rank, again and again until it is there and has shown that it has the key.
/// @returns nothing when the patience has ended
std::optional<NeighbourConnection> dial_neighbour(const NeighbourPath& path, const Patience& patience);

}  // namespace exo

#pragma once

#include <optional>

#include "neighbour_path.h"

namespace exo {

/// Dials the next rank again and again until it answers and proves that it has the key.
/// @returns nothing when the patience has ended
std::optional<NeighbourConnection> dial_neighbour(const NeighbourPath& path, const Patience& patience);

}  // namespace exo

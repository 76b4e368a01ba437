#pragma once

#include <optional>

#include "neighbour_path.h"

namespace exo {

/// Dials the next rank repeatedly until it answers and proves that it has the key.
/// @returns nothing if patience ends first
std::optional<NeighbourConnection> dial_neighbour(const NeighbourPath& path, const Patience& patience);

}  // namespace exo

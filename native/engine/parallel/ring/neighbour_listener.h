#pragma once

#include <optional>
#include <vector>

#include "neighbour_path.h"

namespace exo {

/// Waits for the rank before this one among all peers that connect. Strangers are dropped and hold up nobody.
class NeighbourListener {
 public:
  /// @throws std::system_error where the address is not this machine's or the port is taken
  explicit NeighbourListener(NeighbourPath path);

  /// @returns nothing when the patience has ended
  std::optional<NeighbourConnection> accept(const Patience& patience);

 private:
  struct Candidate;

  void take_in(std::vector<Candidate>& candidates) const;

  NeighbourPath path_;
  Descriptor listener_;
};

}  // namespace exo

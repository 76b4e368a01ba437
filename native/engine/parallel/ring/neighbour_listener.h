#pragma once

#include <optional>
#include <vector>

#include "neighbour_path.h"

namespace exo {

/// Accepts connections until one peer proves that it is the previous rank. Other peers are dropped and do not delay it.
class NeighbourListener {
 public:
  /// @throws std::system_error if the address does not belong to this machine or the port is in use
  explicit NeighbourListener(NeighbourPath path);

  /// @returns nothing if patience ends first
  std::optional<NeighbourConnection> accept(const Patience& patience);
  /// Expects another key from now on, at the same address.
  void expect(const Key& key) { path_.key = key; }

 private:
  struct Candidate;

  void take_in(std::vector<Candidate>& candidates) const;

  NeighbourPath path_;
  Descriptor listener_;
};

}  // namespace exo

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "neighbour_path.h"
#include "ring_sockets.h"
#include "../seal/sealed_pump.h"

namespace exo {

/// A rank's place in a ring, as its node gives it.
struct RingPlace {
  /// Of MLX's hostfile, on loopback: where MLX listens for the rank before, and where it looks for the rank after.
  int listen_port = 0;
  int dial_port = 0;
  /// This rank listens there.
  NeighbourPath before;
  NeighbourPath after;
};

/// The connections of a rank to its neighbours. MLX's own ring accepts the first peer that connects and sends everything in
/// the clear. So MLX connects to this process alone, and these connections then replace its own.
class RingConnections {
 public:
  /// Waits for both neighbours.
  /// @throws std::runtime_error that names the one that did not come
  explicit RingConnections(const RingPlace& place);

  /// @param open_ring has MLX open its ring by the hostfile
  /// @returns MLX's sockets
  /// @throws std::runtime_error where MLX did something else
  RingSockets replace_those_of(const std::function<void()>& open_ring);

 private:
  /// @returns the socket that leads to the neighbour
  int replace(int descriptor, NeighbourConnection connection);

  RingPlace place_;
  NeighbourConnection before_;
  NeighbourConnection after_;
  std::vector<std::unique_ptr<SealedPump>> pumps_;
};

}  // namespace exo

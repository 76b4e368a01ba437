#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "neighbour_path.h"
#include "ring_sockets.h"
#include "sum_exchange.h"
#include "../seal/sealed_pump.h"

namespace exo {

/// A rank's place in a ring, as its node has chosen it.
struct RingPlace {
  /// Loopback ports from MLX's hostfile: where MLX listens for the previous rank, and where it dials the next rank.
  int listen_port = 0;
  int dial_port = 0;
  /// This rank listens at this address.
  NeighbourPath before;
  NeighbourPath after;
};

/// Whether two ranks have a connection of their own for sums, and which of them dials it.
enum class SumsConnection { None, Dialed, Accepted };

/// The connections of a rank to its neighbours. MLX's own ring accepts the first peer that connects and does not
/// encrypt. So MLX connects only to this process, and these connections then replace its own.
class RingConnections {
 public:
  /// Waits until both neighbours are connected.
  /// @throws std::runtime_error with the name of a neighbour that did not connect in time
  explicit RingConnections(const RingPlace& place, SumsConnection sums = SumsConnection::None);

  /// @param open_ring makes MLX open its ring with the hostfile
  /// @returns MLX's sockets
  /// @throws std::runtime_error if MLX opened other connections than expected
  RingSockets replace_those_of(const std::function<void()>& open_ring);

  /// Null without a connection for sums.
  SumExchange* sums() const { return sums_.get(); }

 private:
  /// @returns the descriptor that reaches the neighbour: its socket, or the plain end of a pump that seals
  int replace(int descriptor, NeighbourConnection connection);

  RingPlace place_;
  NeighbourConnection before_;
  NeighbourConnection after_;
  std::vector<std::unique_ptr<SealedPump>> pumps_;
  std::unique_ptr<SumExchange> sums_;
};

}  // namespace exo

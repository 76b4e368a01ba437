#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "../sockets/descriptor.h"
#include "../seal/neighbour_handshake.h"

namespace exo {

/// Where one rank of a ring meets the next: the one before dials, the one after listens.
struct NeighbourPath {
  std::string address;
  int port = 0;
  /// Of this pair of ranks in this epoch of its group.
  Key key{};
  bool seal = true;
};

/// A neighbour that has proved that it is one.
struct NeighbourConnection {
  Descriptor socket;
  Channel channel;
};

/// How long a rank waits for its neighbours.
struct Patience {
  std::chrono::steady_clock::time_point until;
  /// The other neighbour has failed: this one is of no use.
  const std::atomic<bool>& is_over;

  bool has_ended() const { return is_over || std::chrono::steady_clock::now() >= until; }
};

/// A handshake is a matter of milliseconds. One that takes longer is a stranger's.
constexpr auto kHandshakeLimit = std::chrono::seconds(5);

}  // namespace exo

#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "../sockets/descriptor.h"
#include "../seal/neighbour_handshake.h"

namespace exo {

/// Where two adjacent ranks of a ring connect: the first one dials, the second one listens.
struct NeighbourPath {
  std::string address;
  int port = 0;
  /// Unique to this pair of ranks and to this epoch of its group.
  Key key{};
  bool seal = true;
};

/// An authenticated connection to a neighbour.
struct NeighbourConnection {
  Descriptor socket;
  Channel channel;
};

/// How long a rank waits for its neighbours.
struct Patience {
  std::chrono::steady_clock::time_point until;
  /// Set when the connection to the other neighbour fails: this one is then useless.
  const std::atomic<bool>& is_over;

  bool has_ended() const { return is_over || std::chrono::steady_clock::now() >= until; }
};

/// A handshake takes milliseconds. A peer that needs longer is dropped.
constexpr auto kHandshakeLimit = std::chrono::seconds(5);

}  // namespace exo

#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace exo {

/// A connection to a neighbour that carries the ring's data.
struct NeighbourSocket {
  int descriptor = -1;
  /// The neighbour's address, for messages.
  std::string name;
};

/// The sockets of MLX's TCP ring. MLX does not expose them, so they are found: all that were connected after this
/// object was created and have a port of the ring's hostfile at one end.
class RingSockets {
 public:
  RingSockets();

  /// Finds the sockets. Call it after the ring is connected.
  void find();
  /// Sets descriptors that were found another way.
  void take(std::vector<int> descriptors) { descriptors_ = std::move(descriptors); }
  /// Sets the connections that leave this process. Without encryption they are the same as MLX's sockets.
  void take_neighbours(std::vector<NeighbourSocket> neighbours) { neighbours_ = std::move(neighbours); }
  const std::vector<NeighbourSocket>& neighbours() const { return neighbours_; }
  /// The sockets that were connected after this object was created, by their own port or by the peer's.
  std::vector<int> new_with_own_port(int port) const;
  std::vector<int> new_with_peer_port(int port) const;

  /// MLX polls its sockets in a busy loop, which keeps a core busy on every rank that waits. With this setting, each
  /// read blocks for up to a few milliseconds and returns when data arrives.
  void wait_for_data() const;

  /// @returns whether a neighbour has closed its end; waits for that up to the limit
  bool has_hung_up(int limit_ms) const;

  const std::vector<int>& descriptors() const { return descriptors_; }

 private:
  std::vector<int> new_that(const std::function<bool(int)>& is_wanted) const;

  std::vector<int> before_;
  std::vector<int> descriptors_;
  std::vector<NeighbourSocket> neighbours_;
};

}  // namespace exo

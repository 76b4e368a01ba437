#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace exo {

/// A connection to a neighbour, over which a ring's bytes go.
struct NeighbourSocket {
  int descriptor = -1;
  /// Where it leads, for people.
  std::string name;
};

/// MLX's own sockets of a TCP ring, which it keeps to itself: those connected since this object was made that have a
/// port of the ring's hostfile at one end.
class RingSockets {
 public:
  RingSockets();

  /// Finds them, once the ring stands.
  void find();
  /// Takes descriptors that were found elsewhere.
  void take(std::vector<int> descriptors) { descriptors_ = std::move(descriptors); }
  /// The connections behind them that leave this process; the same ones where nothing is sealed.
  void take_neighbours(std::vector<NeighbourSocket> neighbours) { neighbours_ = std::move(neighbours); }
  const std::vector<NeighbourSocket>& neighbours() const { return neighbours_; }
  /// The sockets that were connected after this object was made, by the port at this end or at the other.
  std::vector<int> new_with_own_port(int port) const;
  std::vector<int> new_with_peer_port(int port) const;

  /// MLX asks a socket again and again until its data comes, and so takes a whole core from every rank that waits. With
  /// this the question itself waits, for some milliseconds, and wakes when data comes.
  void wait_for_data() const;

  /// @returns whether a neighbour has closed its end; waits up to the limit for it
  bool has_hung_up(int limit_ms) const;

  const std::vector<int>& descriptors() const { return descriptors_; }

 private:
  std::vector<int> new_that(const std::function<bool(int)>& is_wanted) const;

  std::vector<int> before_;
  std::vector<int> descriptors_;
  std::vector<NeighbourSocket> neighbours_;
};

}  // namespace exo

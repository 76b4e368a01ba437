#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace exo {

/// MLX's own sockets of a TCP ring, which it keeps to itself: those connected since this object was made that have a
/// port of the ring's hostfile at one end.
class RingSockets {
 public:
  RingSockets();

  /// Finds them, once the ring stands.
  void find();
  /// Takes descriptors that were found elsewhere.
  void take(std::vector<int> descriptors) { descriptors_ = std::move(descriptors); }
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
};

}  // namespace exo

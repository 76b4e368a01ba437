#pragma once

#include <atomic>
#include <thread>
#include <utility>

#include "../sockets/descriptor.h"
#include "ring_sockets.h"

namespace exo {

/// The other ends of the two connections that MLX's ring opens on the loopback interface. Both are replaced before use,
/// so it does not matter what they carry or whose connection MLX accepts.
class LoopbackEnds {
 public:
  /// @throws std::system_error if the port is in use
  LoopbackEnds(int listen_port, int dial_port);
  ~LoopbackEnds();
  LoopbackEnds(const LoopbackEnds&) = delete;
  LoopbackEnds& operator=(const LoopbackEnds&) = delete;

  /// @param before created before MLX's ring
  /// @returns MLX's sockets to the previous and the next rank
  /// @throws std::runtime_error if one of them is missing
  std::pair<int, int> find(const RingSockets& before) const;

 private:
  void dial();

  int listen_port_;
  int dial_port_;
  Descriptor listener_;
  /// Used only by the dialer's thread until that has ended.
  Descriptor dialed_;
  std::atomic<bool> is_ending_{false};
  std::thread dialer_;
};

}  // namespace exo

#pragma once

#include <atomic>
#include <thread>
#include <utility>

#include "../sockets/descriptor.h"
#include "ring_sockets.h"

namespace exo {

/// The other ends of the two connections that MLX's ring opens on loopback. It does not matter what they carry or whose
/// connection MLX accepts: both are replaced before they are used.
class LoopbackEnds {
 public:
  /// @throws std::system_error where the port is taken
  LoopbackEnds(int listen_port, int dial_port);
  ~LoopbackEnds();
  LoopbackEnds(const LoopbackEnds&) = delete;
  LoopbackEnds& operator=(const LoopbackEnds&) = delete;

  /// @param before made before MLX's ring was
  /// @returns MLX's sockets to the rank before and after
  /// @throws std::runtime_error where they are not both there
  std::pair<int, int> find(const RingSockets& before) const;

 private:
  void dial();

  int listen_port_;
  int dial_port_;
  Descriptor listener_;
  /// The dialer's own until that has ended.
  Descriptor dialed_;
  std::atomic<bool> is_ending_{false};
  std::thread dialer_;
};

}  // namespace exo

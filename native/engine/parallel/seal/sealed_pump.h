#pragma once

#include <thread>

#include "../sockets/descriptor.h"
#include "neighbour_handshake.h"

namespace exo {

/// Carries data between a socket of this process, where it is plain, and a socket to a neighbour, where it is sealed.
/// If one of them closes, or a frame does not open, both are closed.
class SealedPump {
 public:
  SealedPump(Descriptor plain, Descriptor sealed, const Channel& channel);
  ~SealedPump();
  SealedPump(const SealedPump&) = delete;
  SealedPump& operator=(const SealedPump&) = delete;

 private:
  void send_all(const Key& key) const;
  void receive_all(const Key& key) const;
  void end() const;

  Descriptor plain_;
  Descriptor sealed_;
  std::thread sender_;
  std::thread receiver_;
};

}  // namespace exo

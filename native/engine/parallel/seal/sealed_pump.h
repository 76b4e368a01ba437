#pragma once

#include <thread>

#include "../sockets/descriptor.h"
#include "neighbour_handshake.h"

namespace exo {

/// Carries bytes between a socket of this process, where they are plain, and one to a neighbour, where they are sealed. The
/// end of either, and any frame that does not open, ends both.
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

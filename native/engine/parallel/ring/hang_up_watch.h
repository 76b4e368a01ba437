#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../seal/resending.h"
#include "ring_sockets.h"

namespace exo {

/// Tells when a neighbour of the ring is gone while a step is under way, or nothing that is sent reaches it. MLX would wait
/// for ever.
class HangUpWatch {
 public:
  /// @param on_hang_up called once at most, on the watch's own thread, with what is wrong
  HangUpWatch(RingSockets sockets, std::function<void(const std::string&)> on_hang_up);
  ~HangUpWatch();
  HangUpWatch(const HangUpWatch&) = delete;
  HangUpWatch& operator=(const HangUpWatch&) = delete;

  /// A neighbour that leaves between steps is nobody's loss.
  void set_stepping(bool is_stepping) { is_stepping_ = is_stepping; }

 private:
  void watch();
  /// @returns what is wrong with a connection that stands; nothing where all is well
  std::string find_standstill();

  RingSockets sockets_;
  std::vector<Resending> resending_;
  std::function<void(const std::string&)> on_hang_up_;
  std::atomic<bool> is_stepping_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace exo

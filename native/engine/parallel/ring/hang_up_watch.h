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

/// Reports when a neighbour of the ring closes its connection during a step, or no longer acknowledges what is sent to
/// it. MLX would wait forever.
class HangUpWatch {
 public:
  /// @param on_hang_up called at most once, on the watch's own thread, with a description of the problem
  HangUpWatch(RingSockets sockets, std::function<void(const std::string&)> on_hang_up);
  ~HangUpWatch();
  HangUpWatch(const HangUpWatch&) = delete;
  HangUpWatch& operator=(const HangUpWatch&) = delete;

  /// A neighbour may leave between steps, so nothing is reported then.
  void set_stepping(bool is_stepping) { is_stepping_ = is_stepping; }

 private:
  void watch();
  /// @returns a description of the first connection that makes no progress; empty if there is none
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

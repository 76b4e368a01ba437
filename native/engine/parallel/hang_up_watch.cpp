#include "hang_up_watch.h"

#include <chrono>

namespace exo {

namespace {

constexpr int kPollMs = 250;
constexpr auto kIdlePause = std::chrono::milliseconds(100);

}  // namespace

HangUpWatch::HangUpWatch(RingSockets sockets, std::function<void()> on_hang_up)
    : sockets_(std::move(sockets)), on_hang_up_(std::move(on_hang_up)), thread_([this] { watch(); }) {}

HangUpWatch::~HangUpWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void HangUpWatch::watch() {
  for (;;) {
    const bool has_hung_up = sockets_.has_hung_up(kPollMs);
    std::unique_lock lock(mutex_);
    if (is_ending_) return;
    if (!has_hung_up) continue;
    if (is_stepping_) break;
    // The poll returns at once from now on.
    changed_.wait_for(lock, kIdlePause, [this] { return is_ending_; });
  }
  on_hang_up_();
}

}  // namespace exo

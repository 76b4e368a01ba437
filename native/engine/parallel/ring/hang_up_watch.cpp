#include "hang_up_watch.h"

#include <chrono>

namespace exo {

namespace {

constexpr int kPollMs = 250;
constexpr auto kIdlePause = std::chrono::milliseconds(100);

}  // namespace

HangUpWatch::HangUpWatch(RingSockets sockets, std::function<void(const std::string&)> on_hang_up)
    : sockets_(std::move(sockets)),
      resending_(sockets_.neighbours().size()),
      on_hang_up_(std::move(on_hang_up)),
      thread_([this] { watch(); }) {}

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
    auto standstill = find_standstill();
    std::unique_lock lock(mutex_);
    if (is_ending_) return;
    if (!has_hung_up && standstill.empty()) continue;
    if (is_stepping_) {
      lock.unlock();
      return on_hang_up_(has_hung_up ? "a neighbouring rank of this instance is gone" : standstill);
    }
    // The connection is closed, so poll would return immediately from now on.
    changed_.wait_for(lock, kIdlePause, [this] { return is_ending_; });
  }
}

std::string HangUpWatch::find_standstill() {
  const auto now = Resending::Clock::now();
  std::string found;
  for (size_t i = 0; i < resending_.size(); ++i) {
    const auto& [descriptor, name] = sockets_.neighbours()[i];
    if (!resending_[i].has_lasted(is_resending(descriptor), now)) continue;
    found = "what this rank sends is not acknowledged by " + name +
            ": large packets are lost on the way, such as by different MTUs, or the machine is gone";
  }
  return found;
}

}  // namespace exo

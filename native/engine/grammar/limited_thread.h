#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace exo {

/// A thread for work that cannot be stopped but may take too long. One caller at a time.
class LimitedThread {
 public:
  LimitedThread() = default;
  LimitedThread(const LimitedThread&) = delete;
  LimitedThread& operator=(const LimitedThread&) = delete;
  ~LimitedThread() { leave(); }

  /// Runs the task, which must not throw and owns all that it uses, and waits for it.
  /// @returns false if the limit passes first: the task then ends by itself, and the next one gets a new thread
  bool run(std::chrono::milliseconds limit, std::function<void()> task) {
    if (!shared_) start();
    std::unique_lock lock(shared_->mutex);
    shared_->task = std::move(task);
    shared_->changed.notify_all();
    if (shared_->changed.wait_for(lock, limit, [this] { return !shared_->task; })) return true;
    lock.unlock();
    leave();
    return false;
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> task;
    bool is_left = false;
  };

  void start() {
    shared_ = std::make_shared<Shared>();
    std::thread([shared = shared_] {
      std::unique_lock lock(shared->mutex);
      while (true) {
        shared->changed.wait(lock, [&] { return shared->task || shared->is_left; });
        if (!shared->task) return;
        lock.unlock();
        shared->task();
        lock.lock();
        shared->task = nullptr;
        shared->changed.notify_all();
      }
    }).detach();
  }

  void leave() {
    const auto shared = std::exchange(shared_, nullptr);
    if (!shared) return;
    const std::lock_guard lock(shared->mutex);
    shared->is_left = true;
    shared->changed.notify_all();
  }

  std::shared_ptr<Shared> shared_;
};

}  // namespace exo

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace exo {

/// Threads that share the tasks of one caller at a time. Between the tasks of a step they spin for some microseconds,
/// since sleeping would cost more than the work. Without work they sleep.
class ThreadPool {
 public:
  /// @param threads the number of threads, including the caller
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  /// Calls task(i) for every i below `count`, in any order and on any thread, and returns when all are done. Tasks must
  /// not throw.
  void run(int64_t count, const std::function<void(int64_t)>& task);

 private:
  void help();
  bool take_one(uint64_t round);

  std::vector<std::thread> helpers_;
  const std::function<void(int64_t)>* task_ = nullptr;
  /// The number of the round in the high half and the next index in the low half, so that a late thread never takes an
  /// index of a newer round.
  std::atomic<uint64_t> ticket_{0};
  std::atomic<uint32_t> count_{0};
  std::atomic<uint32_t> finished_{0};
  std::atomic<uint32_t> round_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<bool> is_stopping_{false};
};

/// As `pool.run`, for tasks that may throw: an error of one of them is thrown when all have ended.
void run_to_end(ThreadPool& pool, int64_t count, const std::function<void(int64_t)>& task);

}  // namespace exo

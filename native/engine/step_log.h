#pragma once

#include <time.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "step_counts.h"

namespace exo {

/// The engine's clock in milliseconds: monotonic, with an arbitrary zero.
inline double now_ms() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Processor time of all threads of this process, in milliseconds.
inline double process_cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// When a step ran on this rank, in milliseconds of the engine's clock.
struct StepTimes {
  double begin_ms, end_ms;
  /// At rank 0: the time to make and send the plan, which is part of the step. At the others: how long they waited for
  /// the plan, before the step.
  double plan_ms;
  /// Only rank 0 counts them.
  int64_t decoded_tokens, prefilled_tokens;
  /// The size of its plan.
  int64_t tokens;
  /// Processor time of the process from its launch, or from the end of the step before if that is later.
  double cpu_ms;
  /// Present if steps are counted.
  std::optional<StepCounts> counts = {};
};

/// The last 4,096 steps of a rank. The engine's thread writes; any thread may read.
class StepLog {
 public:
  void add(const StepTimes& step) {
    const std::lock_guard lock(mutex_);
    if (steps_.size() < kSteps) {
      steps_.push_back(step);
    } else {
      steps_[next_] = step;
    }
    next_ = (next_ + 1) % kSteps;
  }

  /// Oldest first.
  std::vector<StepTimes> read() const {
    const std::lock_guard lock(mutex_);
    if (steps_.size() < kSteps) return steps_;
    std::vector<StepTimes> steps(steps_.begin() + static_cast<ptrdiff_t>(next_), steps_.end());
    steps.insert(steps.end(), steps_.begin(), steps_.begin() + static_cast<ptrdiff_t>(next_));
    return steps;
  }

 private:
  static constexpr size_t kSteps = 4096;

  mutable std::mutex mutex_;
  std::vector<StepTimes> steps_;
  size_t next_ = 0;
};

}  // namespace exo

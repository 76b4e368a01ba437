#pragma once

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

/// When a step ran on this rank, in milliseconds of the engine's clock.
struct StepTimes {
  double begin_ms, end_ms;
  /// At rank 0: the time to make and send the plan, which is part of the step. At the others: how long they waited for
  /// the plan, before the step.
  double plan_ms;
  int64_t decoded_tokens, prefilled_tokens;
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

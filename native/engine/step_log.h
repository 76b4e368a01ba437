#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "step_counts.h"

namespace exo {

/// The engine's clock: steady, its zero means nothing.
inline double now_ms() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// When a step ran on this rank, in milliseconds of the engine's clock.
struct StepTimes {
  double begin_ms, end_ms;
  /// Before it: of rank 0, what making and sending the plan took, which is within the step; of the others, the wait for the plan.
  double plan_ms;
  int64_t decoded_tokens, prefilled_tokens;
  /// If they are counted.
  std::optional<StepCounts> counts = {};
};

/// The last steps of a rank; written by the engine's thread, read by any.
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

  /// The oldest first.
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

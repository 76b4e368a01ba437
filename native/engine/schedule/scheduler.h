#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "generation.h"
#include "step_plan.h"

namespace exo {

struct SchedulerLimits {
  /// Sequences that share a step.
  int32_t max_batch = 8;
  /// Sequences that may wait for a place.
  int32_t max_waiting = 64;
  /// Prompt tokens in one step, over all sequences.
  int32_t prefill_chunk_tokens = 512;
};

/// A plan, and whose segments they are.
struct PlannedStep {
  StepPlan plan;
  /// One per segment.
  std::vector<std::shared_ptr<Generation>> owners;
};

/// Decides which tokens go into the next step: one of every sequence that decodes, and up to a chunk of prompts, first
/// come first served. So a long prompt delays running sequences by one chunk at most. Pure: no clock, no MLX.
class Scheduler {
 public:
  explicit Scheduler(SchedulerLimits limits);

  /// @returns false when the queue is full
  bool add(std::shared_ptr<Generation> generation);

  /// Takes a generation out, wherever it is, and frees its slot. @returns it, or null when there is none of this id
  std::shared_ptr<Generation> remove(const std::string& id);

  /// Ends a generation and frees its slot.
  void finish(Generation& generation);

  /// Gives waiting generations free slots, oldest first. @returns those that got one
  std::vector<std::shared_ptr<Generation>> admit();

  /// Plans a step and counts its tokens as given. @returns an empty plan when nothing can be done now
  PlannedStep next();

  /// Slots freed since the last plan, for a plan that the caller makes itself.
  std::vector<int32_t> take_released();

  bool is_idle() const { return waiting_.empty() && running_.empty(); }
  const std::vector<std::shared_ptr<Generation>>& running() const { return running_; }
  const std::deque<std::shared_ptr<Generation>>& waiting() const { return waiting_; }

 private:
  void add_decode(PlannedStep& step, const std::shared_ptr<Generation>& generation);
  int32_t add_prefill(PlannedStep& step, const std::shared_ptr<Generation>& generation, int32_t budget);

  SchedulerLimits limits_;
  std::deque<std::shared_ptr<Generation>> waiting_;
  std::vector<std::shared_ptr<Generation>> running_;
  std::vector<int32_t> free_slots_;
  std::vector<int32_t> released_;
};

}  // namespace exo

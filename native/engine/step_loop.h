#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "draft/drafter.h"
#include "cache_budget.h"
#include "engine_events.h"
#include "engine_loop.h"
#include "engine_settings.h"
#include "graph_evaluator.h"
#include "kernels/thread_pool.h"
#include "model/decoder.h"
#include "parallel/ring/hang_up_watch.h"
#include "parallel/rank_group.h"
#include "schedule/chunk_pace.h"
#include "schedule/plan_check.h"
#include "schedule/scheduler.h"
#include "step_log.h"
#include "step_progress.h"
#include "step_rates.h"
#include "step_runner.h"

namespace exo {

/// Runs the steps of one rank. Rank 0 plans and launches steps and reports their results; the other ranks follow. Used
/// only by the engine's thread.
class StepLoop : public EngineLoop {
 public:
  /// @param watch reports lost neighbours of this rank; may be null
  StepLoop(const EngineSettings& settings, RankGroup& group, Decoder& decoder, ThreadPool& pool, HangUpWatch* watch, StepLog& log,
           StepProgress& progress, GraphEvaluator& evaluator, std::function<void(EngineEvent)> on_event);

  /// Sets the draft model for generations that name it; null: no draft.
  void set_drafter(std::unique_ptr<Drafter> drafter);
  /// How many tokens all sequences together may have in this rank's cache. Without a memory limit, these are full
  /// contexts.
  int64_t most_kept_tokens() const { return budget_.most_kept_tokens(); }

  void add(GenerationRequest request) override;
  void cancel(const std::string& id) override;

  bool is_idle() const override { return scheduler_.is_idle() && in_flight_.empty(); }
  /// Whether this rank is idle and the other ranks know it.
  bool is_resting() const override { return is_resting_; }
  /// Whether the other ranks are in a step with this one.
  bool is_stepping() const override { return is_stepping_; }
  /// Launches the next step if one can be planned, and reports the results of the oldest step that must be waited for.
  /// @param after_launch called when a step runs and before its end is awaited
  void step(const std::function<void()>& after_launch) override;
  /// Call it after the last step: the other ranks leave their loops, and unused memory returns to the operating system.
  void rest() override;
  /// Call it after a step of a single rank fails: all generations end with an error, and their cached tokens are
  /// discarded.
  void abandon(const std::string& code, const std::string& message) override;

  /// All ranks but 0: runs rank 0's steps until rank 0 rests.
  /// @param after_step called after each step
  void follow(const std::function<void()>& after_step);

  /// All stats except the memory of the whole process.
  EngineStats stats() const override;

 private:
  /// A step of rank 0 on another rank.
  struct FollowedStep {
    std::vector<mlx::core::array> outputs;
    double begin_ms, waited_ms, begin_cpu_ms;
    int64_t tokens;
    StepCounts counts;
  };
  void finish_followed(FollowedStep step);
  bool may_launch() const;
  bool launch();
  void jump();
  void propose();
  void begin_stepping();
  void end_stepping();
  void agree_on_memory();
  void tell_step_tokens();
  void deliver_oldest();
  std::optional<StepCounts> counted(const StepCounts& counts) const { return evaluator_.counts() ? std::optional(counts) : std::nullopt; }
  void deliver_segment(LaunchedStep& step, size_t index, size_t& row);
  void deliver_prompt(LaunchedStep& step, size_t index);
  void deliver_choices(Generation& generation, std::vector<Choice> choices, int32_t proposed);
  void hear_forced(Generation& generation, std::vector<int32_t> forced);
  void end(Generation& generation, FinishReason reason);

  const EngineSettings& settings_;
  RankGroup& group_;
  Decoder& decoder_;
  HangUpWatch* watch_;
  StepLog& log_;
  StepProgress& progress_;
  GraphEvaluator& evaluator_;
  std::function<void(EngineEvent)> on_event_;
  StepRunner runner_;
  Scheduler scheduler_;
  CacheBudget budget_;
  PlanLimits plan_limits_;
  /// Checks the plans that rank 0 sends.
  PlanCheck plan_check_;
  /// The sizes of prefill chunks: beside sequences that decode, and alone.
  ChunkPace pace_, lone_pace_;
  std::unique_ptr<Drafter> drafter_;
  /// The most steps that may run at the same time.
  size_t max_in_flight_;
  std::deque<LaunchedStep> in_flight_;
  StepRates rates_;
  int64_t steps_ = 0;
  int64_t jumped_tokens_ = 0;
  double last_delivered_ms_ = 0, last_delivered_cpu_ms_ = 0;
  bool is_resting_ = true;
  bool is_stepping_ = false;
  bool has_agreed_ = false;
  /// Ranks other than 0: the step before need not have ended when the next one starts.
  bool runs_ahead_ = false;
};

}  // namespace exo

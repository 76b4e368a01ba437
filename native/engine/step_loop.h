#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "draft/drafter.h"
#include "engine_events.h"
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

/// The steps of one rank: rank 0 plans, launches and tells what came of them, the others follow. All calls are made by
/// the engine's thread.
class StepLoop {
 public:
  /// @param watch of the ranks beside this one; may be null
  StepLoop(const EngineSettings& settings, RankGroup& group, Decoder& decoder, ThreadPool& pool, HangUpWatch* watch, StepLog& log,
           StepProgress& progress, GraphEvaluator& evaluator, std::function<void(EngineEvent)> on_event);

  /// A model that proposes tokens for the generations that name it; null: none.
  void set_drafter(std::unique_ptr<Drafter> drafter);
  /// The number of tokens that all sequences together may keep at this rank; if unlimited, that of whole contexts.
  int64_t most_kept_tokens() const;

  void add(GenerationRequest request);
  void cancel(const std::string& id);

  bool is_idle() const { return scheduler_.is_idle() && in_flight_.empty(); }
  /// Idle, and the other ranks know.
  bool is_resting() const { return is_resting_; }
  /// Other ranks are in step with this one.
  bool is_stepping() const { return is_stepping_; }
  /// Launches the next step, if one can be planned, and tells the results of the oldest one that has to be waited for.
  /// @param after_launch called when a step runs and its end is not awaited yet
  void step(const std::function<void()>& after_launch);
  /// After the last step: the other ranks leave their loops, and unused memory goes back to the system.
  void rest();
  /// After a step of this process alone broke: its generations end with an error, and nothing that they left is used.
  void abandon(const std::string& code, const std::string& message);

  /// Ranks above 0: runs rank 0's steps until it rests. @param after_step called after each
  void follow(const std::function<void()>& after_step);

  /// All but what the process as a whole has of memory.
  EngineStats stats() const;

 private:
  bool may_launch() const;
  bool launch();
  void propose();
  void begin_stepping();
  void end_stepping();
  void agree_on_memory();
  /// The windows and states of this rank's caches.
  int64_t own_blocks() const;
  /// Of one sequence of the whole context, which goes on to its end, whatever else there is.
  int64_t context_blocks() const;
  void tell_step_tokens();
  void deliver_oldest();
  std::optional<StepCounts> counted(const StepCounts& counts) const { return evaluator_.counts() ? std::optional(counts) : std::nullopt; }
  void deliver_segment(LaunchedStep& step, size_t index, size_t& row);
  void deliver_prompt(LaunchedStep& step, size_t index);
  void deliver_choices(Generation& generation, std::vector<Choice> choices, int32_t proposed);
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
  PlanLimits plan_limits_;
  /// Of plans that rank 0 sends.
  PlanCheck plan_check_;
  /// Of chunks beside sequences that decode, and of those that run alone.
  ChunkPace pace_, lone_pace_;
  std::unique_ptr<Drafter> drafter_;
  /// Steps that may be under way at once.
  size_t max_in_flight_;
  std::deque<LaunchedStep> in_flight_;
  StepRates rates_;
  int64_t steps_ = 0;
  double last_delivered_ms_ = 0;
  bool is_resting_ = true;
  bool is_stepping_ = false;
  bool has_agreed_ = false;
};

}  // namespace exo

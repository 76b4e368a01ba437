#pragma once

#include <mlx/mlx.h>

#include <memory>
#include <optional>
#include <vector>

#include "graph_evaluator.h"
#include "kernels/thread_pool.h"
#include "model/decoder.h"
#include "parallel/rank_group.h"
#include "schedule/scheduler.h"

namespace exo {

/// The results of a step; complete as soon as its arrays are.
struct StepResult {
  /// Per sampling segment, in plan order, the tokens drawn: one, or several if proposals were accepted.
  std::vector<std::vector<Choice>> choices;
  /// Per sampling segment, in plan order, what the grammar forces after these tokens; empty if all of them were drawn on the device.
  std::vector<std::vector<int32_t>> forced;
  /// Per segment: the scores of the prompt tokens that follow its rows; empty if not requested.
  std::vector<std::vector<Choice>> prompt_scores;
  /// Per segment: the sum of the hidden states that count for an embedding; empty if not requested.
  std::vector<std::vector<double>> states;
};

/// A step that is running.
struct LaunchedStep {
  PlannedStep planned;
  double launched_ms = 0;
  /// Processor time of the process before the step was planned and its proposals were made, in milliseconds.
  double launched_cpu_ms = 0;
  /// The time to plan and launch, in milliseconds.
  double plan_ms = 0;
  /// [sampling segments], the last token drawn for each; absent if the step samples nothing.
  std::optional<mlx::core::array> tokens = std::nullopt;
  /// The hidden states from the previous stage. They are evaluated separately, because GPU work must not wait for
  /// another machine.
  std::optional<mlx::core::array> received = std::nullopt;
  StepCounts counts = {};
  /// Whether the tokens were drawn on the device. `result` then has no choices.
  bool is_drawn_on_device = false;
  /// All arrays that must be complete before the result is read.
  std::vector<mlx::core::array> outputs = {};
  std::shared_ptr<StepResult> result = std::make_shared<StepResult>();
};

/// Executes plans on this rank's part of the model.
class StepRunner {
 public:
  StepRunner(Decoder& decoder, const RankGroup& group, ThreadPool& pool, GraphEvaluator& evaluator, int hidden_size, int vocab_size)
      : decoder_(decoder), group_(group), pool_(pool), evaluator_(evaluator), hidden_size_(hidden_size), vocab_size_(vocab_size) {}
  /// Waits for the tasks of the last step: they use this runner and its decoder, even if their result is never read.
  ~StepRunner();
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;

  /// Rank 0 only: starts a step on all ranks and returns while it runs.
  /// @param previous the step before, if its tokens are still unknown
  LaunchedStep launch(PlannedStep planned, const LaunchedStep* previous);

  /// Rank 0 only: waits for the step's end. In a pipeline, this rank's work begins here, when the hidden states have
  /// arrived.
  void complete(LaunchedStep& step);

  /// All ranks but 0: starts a step of rank 0. @returns the arrays that are complete at its end
  std::vector<mlx::core::array> follow(StepPlan plan);

 private:
  mlx::core::array receive(const PreparedStep& step) const;
  /// The tokens of the step before that this one refers to. Only rank 0 of a tensor-parallel group has drawn them.
  std::optional<mlx::core::array> referenced(const StepPlan& plan, const std::optional<mlx::core::array>& drawn) const;
  /// One segment's rows of logits: `row`, and one more row for each proposal.
  struct Sampled {
    std::shared_ptr<Generation> owner;
    int64_t row;
    std::vector<int32_t> proposed;
  };

  void add_samples(LaunchedStep& step, const mlx::core::array& hidden);
  mlx::core::array draw_here(const mlx::core::array& logits, std::vector<Sampled> sampled, std::shared_ptr<StepResult> result) const;
  void add_prompt_scores(LaunchedStep& step, const mlx::core::array& hidden);
  void add_states(LaunchedStep& step, const mlx::core::array& hidden);

  Decoder& decoder_;
  const RankGroup& group_;
  ThreadPool& pool_;
  GraphEvaluator& evaluator_;
  int hidden_size_;
  int vocab_size_;
};

}  // namespace exo

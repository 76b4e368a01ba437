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

/// What a step found; complete when its arrays are.
struct StepResult {
  /// Per sampling segment, in plan order, the tokens that it has drawn: one, or several where a draft was right.
  std::vector<std::vector<Choice>> choices;
  /// Per segment: scores of the prompt tokens that follow the segment's rows; empty unless asked for.
  std::vector<std::vector<Choice>> prompt_scores;
  /// Per segment: the sum of its states that belong to an embedding; empty unless one is asked for.
  std::vector<std::vector<double>> states;
};

/// A step on its way.
struct LaunchedStep {
  PlannedStep planned;
  double launched_ms = 0;
  /// What planning and launching took.
  double plan_ms = 0;
  /// [sampling segments], the last drawn of each; absent when the step samples nothing.
  std::optional<mlx::core::array> tokens = std::nullopt;
  /// What the stage before sends. It is evaluated by itself: a wait for another machine must not be in work of the GPU.
  std::optional<mlx::core::array> received = std::nullopt;
  StepCounts counts = {};
  /// The tokens were drawn on the device: the result has no choices of its own.
  bool is_drawn_on_device = false;
  /// Everything that must be complete before the result is read.
  std::vector<mlx::core::array> outputs = {};
  std::shared_ptr<StepResult> result = std::make_shared<StepResult>();
};

/// Executes plans on this rank's part of the model.
class StepRunner {
 public:
  StepRunner(Decoder& decoder, const RankGroup& group, ThreadPool& pool, GraphEvaluator& evaluator, int hidden_size, int vocab_size)
      : decoder_(decoder), group_(group), pool_(pool), evaluator_(evaluator), hidden_size_(hidden_size), vocab_size_(vocab_size) {}
  /// Waits for the tasks of the last step: they use this runner and its decoder, also where nobody reads their result.
  ~StepRunner();
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;

  /// Rank 0: starts a step on all ranks and returns while it runs. @param previous the step before, if still unknown
  LaunchedStep launch(PlannedStep planned, const LaunchedStep* previous);

  /// Rank 0: waits for the step's end. In a pipeline this rank's part begins here, when the hidden states have come.
  void complete(LaunchedStep& step);

  /// The other ranks: runs a step of rank 0 to its end.
  void follow(StepPlan plan);

 private:
  mlx::core::array receive(const PreparedStep& step) const;
  /// The logits of one segment, from `row` on: one row, and one more for each proposal of a draft.
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

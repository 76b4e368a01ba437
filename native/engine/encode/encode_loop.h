#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "../engine_events.h"
#include "../engine_loop.h"
#include "../engine_settings.h"
#include "../graph_evaluator.h"
#include "../model/encoder/array_encoder.h"
#include "../schedule/chunk_pace.h"
#include "../step_log.h"
#include "../step_progress.h"
#include "../step_rates.h"

namespace exo {

/// Encodes the waiting texts in batches.
class EncodeLoop : public EngineLoop {
 public:
  EncodeLoop(const EngineSettings& settings, ArrayEncoder& encoder, StepLog& log, StepProgress& progress, GraphEvaluator& evaluator,
             std::function<void(EngineEvent)> on_event);

  void add(GenerationRequest request) override;
  void cancel(const std::string& id) override;
  bool is_idle() const override { return waiting_.empty(); }
  bool is_resting() const override { return is_resting_; }
  bool is_stepping() const override { return false; }
  void step(const std::function<void()>& after_launch) override;
  void rest() override;
  void abandon(const std::string& code, const std::string& message) override;
  EngineStats stats() const override;

 private:
  struct Waiting {
    GenerationRequest request;
    double queued_ms;
  };

  /// Takes the texts of the next batch from the queue.
  std::vector<Waiting> take_batch();
  void end(const Waiting& text, FinishReason reason, double begin_ms, double end_ms);

  const EngineSettings& settings_;
  ArrayEncoder& encoder_;
  StepLog& log_;
  StepProgress& progress_;
  GraphEvaluator& evaluator_;
  std::function<void(EngineEvent)> on_event_;
  ChunkPace pace_;
  StepRates rates_;
  std::deque<Waiting> waiting_;
  /// The texts of the step that runs.
  std::vector<Waiting> batch_;
  int64_t steps_ = 0;
  bool is_resting_ = true;
};

}  // namespace exo

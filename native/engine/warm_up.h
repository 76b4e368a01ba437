#pragma once

#include <functional>

#include "graph_evaluator.h"
#include "model/decoder.h"
#include "parallel/rank_group.h"
#include "step_progress.h"

namespace exo {

/// The part of an instance's model that this rank warms up.
struct WarmUp {
  Decoder& decoder;
  const RankGroup& group;
  GraphEvaluator& evaluator;
  const StepProgress& progress;
  int32_t context_tokens;
  int32_t vocab_size;
};

/// Computes a short prompt and one more token with this rank's layers, so that the first request does not wait until
/// kernels are compiled and weights are wired. It exchanges nothing with other ranks: a GPU's work must not wait for
/// another machine. The caller makes sums over ranks local meanwhile.
/// @param on_progress called while it advances
void warm_up(const WarmUp& of, const std::function<void()>& on_progress);

}  // namespace exo

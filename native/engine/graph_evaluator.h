#pragma once

#include <mlx/mlx.h>

#include <vector>

#include "step_counts.h"

namespace exo {

/// Passes graphs to MLX and, if `counts` is set, counts what is in them. Used only by the engine's thread.
class GraphEvaluator {
 public:
  explicit GraphEvaluator(bool counts) : counts_(counts) {}

  bool counts() const { return counts_; }
  /// Starts the evaluation and returns.
  void start(std::vector<mlx::core::array> outputs);
  /// Evaluates and waits for the result.
  void finish(std::vector<mlx::core::array> outputs);
  void add_regrowths(int64_t count) { since_.kv_regrowths += count; }
  void add_host_ms(double ms) { since_.host_ms += ms; }

  /// Returns the counts since the last call.
  StepCounts take();
  /// The sum of all counts that `take` has returned.
  const StepCounts& total() const { return total_; }

 private:
  void count(const std::vector<mlx::core::array>& outputs);

  bool counts_;
  StepCounts since_, total_;
};

/// CPU time of the calling thread without that for counting, in milliseconds.
double thread_cpu_ms();

}  // namespace exo

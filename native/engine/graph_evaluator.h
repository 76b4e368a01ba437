#pragma once

#include <mlx/mlx.h>

#include <vector>

#include "step_counts.h"

namespace exo {

/// Hands graphs to MLX, and counts what is in them where it is told to. The engine's thread alone uses it.
class GraphEvaluator {
 public:
  explicit GraphEvaluator(bool counts) : counts_(counts) {}

  bool counts() const { return counts_; }
  /// Starts the work and returns.
  void start(std::vector<mlx::core::array> outputs);
  /// Waits for the end of the work.
  void finish(std::vector<mlx::core::array> outputs);
  void add_regrowths(int64_t count) { since_.kv_regrowths += count; }
  void add_host_ms(double ms) { since_.host_ms += ms; }

  /// What came since this was last asked.
  StepCounts take();
  /// What was taken in all.
  const StepCounts& total() const { return total_; }

 private:
  void count(const std::vector<mlx::core::array>& outputs);

  bool counts_;
  StepCounts since_, total_;
};

/// Processor time of the calling thread.
double thread_cpu_ms();

}  // namespace exo

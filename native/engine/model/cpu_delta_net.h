#pragma once

#include <vector>

#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "cpu_step.h"

namespace exo {

/// What a delta net has of its own.
struct CpuDeltaNetVectors {
  /// [channels, kernel]: queries', keys' and values'.
  std::vector<float> convolution;
  /// [value_heads]
  std::vector<float> decay_log, step_bias;
  /// [value_dim]
  std::vector<float> norm;
};

/// One layer's gated delta net on the CPU's kernels, between its two projections.
class CpuDeltaNet {
 public:
  /// @param layer this layer's place among the sequences' states
  CpuDeltaNet(const DeltaNetSpec& spec, int64_t layer, CpuDeltaNetVectors vectors, ThreadPool& pool);

  /// attended [tokens, value_heads * value_dim] of projected [tokens, queries, keys, values, gates, strengths and decays]. The
  /// states of the step's sequences go on to their last tokens.
  void run(const CpuStep& step, const float* projected, float* attended) const;

  int64_t attended_width() const { return spec_.value_width(); }

 private:
  /// All tokens of one sequence, for one key head and the value heads that it serves.
  void run_head(float* kept, const float* projected, int64_t tokens, int64_t head, float* attended) const;
  /// Of channels [first, first + count): the convolution's results for a token, by SiLU. @param seen its inputs, oldest first
  void convolve(const std::vector<const float*>& seen, int64_t first, int64_t count, float* y) const;
  int64_t stride() const { return int64_t{spec_.channels()} + spec_.value_width() + 2 * int64_t{spec_.value_heads}; }

  DeltaNetSpec spec_;
  int64_t layer_;
  CpuDeltaNetVectors vectors_;
  const Kernels& kernels_ = host_kernels();
  ThreadPool& pool_;
};

}  // namespace exo

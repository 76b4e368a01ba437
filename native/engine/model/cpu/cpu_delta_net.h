#pragma once

#include <array>
#include <utility>
#include <vector>

#include "../../kernels/kernels.h"
#include "../../kernels/thread_pool.h"
#include "cpu_step.h"

namespace exo {

/// The weights that only a delta net has.
struct CpuDeltaNetVectors {
  /// [channels, kernel], for queries, keys and values in this order.
  std::vector<float> convolution;
  /// [value_heads]
  std::vector<float> decay_log, step_bias;
  /// [value_dim]
  std::vector<float> norm;
};

/// The gated delta net of one layer on the CPU kernels, between its two projections.
class CpuDeltaNet {
 public:
  /// @param layer the layer's index in the sequences' states
  CpuDeltaNet(const DeltaNetSpec& spec, int64_t layer, CpuDeltaNetVectors vectors, ThreadPool& pool);

  /// attended [tokens, value_heads * value_dim] of projected [tokens, queries, keys, values, gates, strengths and decays].
  /// The states of the step's sequences advance to their last tokens.
  void run(const CpuStep& step, const float* projected, float* attended) const;

  int64_t attended_width() const { return spec_.value_width(); }

 private:
  /// First and number of a key head's channels of the convolution: its query's, its key's and its values'.
  std::array<std::pair<int64_t, int64_t>, 3> channels_of(int64_t head) const;
  /// Copies what a layer's state holds for one key head.
  void copy_head(const float* from, float* to, int64_t head) const;
  /// Processes all tokens of one sequence for one key head and its value heads.
  void run_head(float* kept, const float* projected, int64_t tokens, int64_t head, float* attended) const;
  /// The convolution's results for one token, after SiLU, in channels [first, first + count). @param seen its inputs, oldest first
  void convolve(const std::vector<const float*>& seen, int64_t first, int64_t count, float* y) const;
  int64_t stride() const { return int64_t{spec_.channels()} + spec_.value_width() + 2 * int64_t{spec_.value_heads}; }

  DeltaNetSpec spec_;
  int64_t layer_;
  CpuDeltaNetVectors vectors_;
  const Kernels& kernels_ = host_kernels();
  ThreadPool& pool_;
};

}  // namespace exo

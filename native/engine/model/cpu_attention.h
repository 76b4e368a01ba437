#pragma once

#include <vector>

#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "cpu_step.h"

namespace exo {

/// What an attention has of its own; each may be empty.
struct CpuAttentionVectors {
  /// [head_dim]
  std::vector<float> query_norm, key_norm;
  /// [heads]
  std::vector<float> sinks;
};

/// One layer's attention on the CPU's kernels, between its two projections.
class CpuAttention {
 public:
  /// @param layer this layer's place in the rank's caches
  CpuAttention(const AttentionSpec& spec, const RopeSpec& rope, int64_t layer, CpuAttentionVectors vectors, float epsilon, ThreadPool& pool)
      : spec_(spec), rope_(rope), layer_(layer), vectors_(std::move(vectors)), epsilon_(epsilon), pool_(pool) {}

  /// attended [tokens, heads * head_dim] of projected [tokens, (heads + 2 * kv_heads) * head_dim], which is spoilt. The
  /// tokens' keys and values go into the step's pages.
  void run(const CpuStep& step, float* projected, float* attended) const;

  int64_t attended_width() const { return int64_t{spec_.heads} * spec_.head_dim; }

 private:
  void rotate_and_keep(const CpuStep& step, float* projected) const;
  int64_t stride() const { return (int64_t{spec_.heads} + 2 * spec_.kv_heads) * spec_.head_dim; }

  AttentionSpec spec_;
  RopeSpec rope_;
  int64_t layer_;
  CpuAttentionVectors vectors_;
  float epsilon_;
  const Kernels& kernels_ = host_kernels();
  ThreadPool& pool_;
};

}  // namespace exo

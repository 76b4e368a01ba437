#pragma once

#include <vector>

#include "../../kernels/kernels.h"
#include "../../kernels/thread_pool.h"
#include "cpu_step.h"

namespace exo {

/// The weights that only an attention has. Each may be empty.
struct CpuAttentionVectors {
  /// [head_dim], or [heads * head_dim] for whole rows
  std::vector<float> query_norm, key_norm;
  /// [heads]
  std::vector<float> sinks;
};

/// One layer's attention on the CPU kernels, between its two projections.
class CpuAttention {
 public:
  /// @param place the layer's place in the rank's caches @param kept the type of stored keys and values
  CpuAttention(const AttentionSpec& spec, const RopeSpec& rope, LayerSights::Place place, KvNumber kept, CpuAttentionVectors vectors,
               float epsilon, ThreadPool& pool)
      : spec_(spec), rope_(rope), place_(place), kept_(kept), vectors_(std::move(vectors)), epsilon_(epsilon), pool_(pool) {}

  /// Computes attended [tokens, heads * value_dim] from projected [tokens, queries, keys, values and gates], which is
  /// overwritten. The tokens' keys and values are stored in the step's pages.
  void run(const CpuStep& step, float* projected, float* attended) const;

  int64_t attended_width() const { return int64_t{spec_.heads} * spec_.value_dim; }
  /// Whether queries and keys are normalized over whole rows, before `run`.
  bool has_row_norms() const { return spec_.normed_query_width > 0; }
  /// Computes the sums of squares [rows, 2] of this rank's queries and keys.
  void sum_squares(const float* projected, int64_t rows, float* sums) const;
  /// @param sums the sums over all ranks
  void normalize_rows(float* projected, int64_t rows, const float* sums) const;

 private:
  void rotate_and_keep(const CpuStep& step, float* projected) const;
  bool is_half() const { return kept_ == KvNumber::BFloat16; }
  const void* keys_of(const KvPage& page, int64_t head) const;
  const void* values_of(const KvPage& page, int64_t head) const;
  /// Stores the key and the value of a token. @param within its index in the page
  template <typename N>
  void keep(const KvPage& page, int64_t head, int64_t within, const float* key, const float* value) const;
  void apply_gate(const float* projected, int64_t rows, float* attended) const;
  int64_t value_offset() const { return (int64_t{spec_.heads} + spec_.kv_heads) * spec_.head_dim; }
  int64_t gate_offset() const { return value_offset() + int64_t{spec_.kv_heads} * spec_.value_dim; }
  int64_t gate_width() const {
    return spec_.gate == OutputGate::None ? 0 : spec_.gate == OutputGate::ElementSigmoid ? attended_width() : spec_.heads;
  }
  int64_t stride() const { return gate_offset() + gate_width(); }
  int64_t layer() const { return static_cast<int64_t>(place_.index); }
  int64_t value_stride() const { return KvLayerShape{spec_.kv_heads, spec_.head_dim, spec_.value_dim}.value_stride(); }

  AttentionSpec spec_;
  RopeSpec rope_;
  LayerSights::Place place_;
  KvNumber kept_;
  CpuAttentionVectors vectors_;
  float epsilon_;
  const Kernels& kernels_ = host_kernels();
  ThreadPool& pool_;
};

}  // namespace exo

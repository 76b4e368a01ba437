#pragma once

#include <memory>
#include <vector>

#include "../../kernels/kernels.h"
#include "../../kernels/thread_pool.h"
#include "../../load/packed_matrix.h"
#include "../../step_progress.h"
#include "cpu_attention.h"
#include "cpu_delta_net.h"
#include "cpu_feed_forward.h"
#include "cpu_linear.h"
#include "../decoder.h"

namespace exo {

/// The decoder on the CPU kernels. Each stage is one host task, weights are packed, and caches are paged.
class CpuDecoder : public Decoder {
 public:
  /// @param kept the type of stored keys and values
  CpuDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum, StepProgress& progress, KvNumber kept);

  std::shared_ptr<PreparedStep> prepare(StepPlan plan) override;
  mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) override;
  mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) override;
  mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  mlx::core::array final_states(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  bool draws_on_device() const override { return false; }
  mlx::core::Dtype hidden_type() const override { return mlx::core::float32; }
  int received_width() const override { return static_cast<int>(hidden_size_); }
  void trim() override { caches_.trim(); }
  int64_t resident_bytes() const override { return resident_bytes_; }
  SequenceCaches& caches() override { return caches_; }
  int64_t unmanaged_bytes() const override { return resident_bytes_ + caches_.held_bytes(); }

 private:
  /// Weight and bias, each possibly empty. Without a weight there is no norm.
  struct CpuNorm {
    std::vector<float> weight, bias;

    bool is_absent() const { return weight.empty(); }
  };
  struct Layer {
    CpuNorm input_norm, feed_forward_norm;
    /// If absent, outputs are added without a norm.
    CpuNorm attention_output_norm, feed_forward_output_norm;
    CpuLinear query_key_value;
    CpuAttention attention;
    /// Replaces the attention if present.
    std::optional<CpuDeltaNet> delta_net;
    CpuLinear attention_output;
    CpuFeedForward feed_forward;
  };
  /// A stage's buffers, sized for the largest step so far; used only by the stream's thread.
  struct Workspace {
    std::vector<float> normalized, projected, attended, output;
    CpuFeedForward::Space feed_forward;
  };

  void load_layer(const LayerSpec& spec, const RopeSpec& rope, WeightReader& reader, bool dequantize);
  std::vector<float> load_vector(const TensorSource& source, WeightReader& reader);
  std::vector<float> load_weight(const TensorSource& source, WeightReader& reader);
  std::optional<CpuDeltaNet> load_delta_net(const std::optional<DeltaNetSpec>& spec, WeightReader& reader);
  CpuNorm load_norm(const std::optional<NormSource>& source, WeightReader& reader);
  void normalize_row(const CpuNorm& norm, const float* x, float* y) const;
  /// y = the final norm of these rows of the hidden states.
  void normalize_last(const float* hidden, const std::vector<int32_t>& rows, float* y) const;
  /// workspace.normalized = the norm of x.
  void normalize(const float* x, const CpuNorm& norm, int64_t rows);
  /// workspace.projected = the input projection of the hidden states.
  float* project(const Layer& layer, int64_t rows, const float* hidden);
  /// A layer's first half if queries and keys are normalized over whole rows of all ranks.
  mlx::core::array attend_over_ranks(const Layer& layer, const std::shared_ptr<CpuStep>& step, const mlx::core::array& state);
  /// y = what a layer's first half adds, computed from workspace.projected; if the halves are parallel, the sum of
  /// both.
  void finish_attention(const Layer& layer, const CpuStep& step, float* y);
  /// workspace.attended = the attention's result for the hidden states.
  void attend(const Layer& layer, const CpuStep& step, const float* hidden);
  /// y = the second half of the layer (+ residual: null or y itself).
  void feed_forward(const Layer& layer, int64_t rows, const float* hidden, float* y, const float* residual);

  /// state += part, normalized if there is a norm, and scaled.
  void add_part(const float* part, const CpuNorm& norm, int64_t rows, float* state);

  const Kernels& kernels_;
  ThreadPool& pool_;
  AllSum all_sum_;
  StepProgress& progress_;
  int64_t hidden_size_;
  int64_t vocab_size_;
  float epsilon_, norm_offset_, embedding_scale_, residual_scale_, logit_scale_, logit_cap_;
  bool is_layer_norm_, is_parallel_;
  std::vector<RopeSpec> ropes_;
  std::vector<Layer> layers_;
  std::unique_ptr<PackedMatrix> embedding_;
  CpuNorm final_norm_;
  std::unique_ptr<CpuLinear> head_;
  PagedCaches caches_;
  Workspace workspace_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

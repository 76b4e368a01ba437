#pragma once

#include <memory>
#include <vector>

#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "../load/packed_matrix.h"
#include "../step_progress.h"
#include "cpu_attention.h"
#include "cpu_feed_forward.h"
#include "cpu_linear.h"
#include "decoder.h"

namespace exo {

/// The decoder on the CPU's own kernels: a stage is one task, weights are packed, caches are paged.
class CpuDecoder : public Decoder {
 public:
  CpuDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum, StepProgress& progress);

  std::shared_ptr<PreparedStep> prepare(StepPlan plan) override;
  mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) override;
  mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) override;
  mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  bool draws_on_device() const override { return false; }
  mlx::core::Dtype hidden_type() const override { return mlx::core::float32; }
  void trim() override { caches_.trim(); }
  int64_t resident_bytes() const override { return resident_bytes_; }
  SequenceCaches& caches() override { return caches_; }
  int64_t unmanaged_bytes() const override { return resident_bytes_ + caches_.held_bytes(); }

 private:
  struct Layer {
    std::vector<float> input_norm, feed_forward_norm;
    /// Empty: outputs are added as they are.
    std::vector<float> attention_output_norm, feed_forward_output_norm;
    CpuLinear query_key_value;
    CpuAttention attention;
    CpuLinear attention_output;
    CpuFeedForward feed_forward;
  };
  /// Buffers of a stage that grow to the largest step; used by the stream's thread only.
  struct Workspace {
    std::vector<float> normalized, projected, attended, output;
    CpuFeedForward::Space feed_forward;
  };

  void load_layer(const LayerSpec& spec, const RopeSpec& rope, WeightReader& reader, bool dequantize);
  std::vector<float> load_vector(const TensorSource& source, WeightReader& reader);
  std::vector<float> load_norm(const TensorSource& source, WeightReader& reader);
  void normalize(const float* x, const std::vector<float>& weight, int64_t rows);
  /// workspace.attended of the hidden states.
  void attend(const Layer& layer, const CpuStep& step, const float* hidden);
  /// y = the layer's second half of the hidden states (+ residual: null, or y itself).
  void feed_forward(const Layer& layer, int64_t rows, const float* hidden, float* y, const float* residual);

  /// state += part, normalized.
  void add_normalized(const float* part, const std::vector<float>& norm, int64_t rows, float* state);

  const Kernels& kernels_;
  ThreadPool& pool_;
  AllSum all_sum_;
  StepProgress& progress_;
  int64_t hidden_size_;
  int64_t vocab_size_;
  float epsilon_, norm_offset_, embedding_scale_;
  std::vector<RopeSpec> ropes_;
  std::vector<Layer> layers_;
  std::unique_ptr<PackedMatrix> embedding_;
  std::vector<float> final_norm_;
  std::unique_ptr<CpuLinear> head_;
  PagedCaches caches_;
  Workspace workspace_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

#pragma once

#include <optional>
#include <vector>

#include "../cache/array_caches.h"
#include "array_feed_forward.h"
#include "array_weights.h"
#include "decoder.h"

namespace exo {

/// The decoder in MLX's own operations, for the GPU: weights stay as they are stored, each sequence's keys and values
/// are arrays that grow by blocks. It runs on the CPU too, where half floats are widened.
class ArrayDecoder : public Decoder {
 public:
  ArrayDecoder(const DecoderSpec& spec, WeightReader& reader, AllSum all_sum);

  std::shared_ptr<PreparedStep> prepare(StepPlan plan) override;
  mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) override;
  mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) override;
  mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  mlx::core::Dtype hidden_type() const override { return type_; }
  void trim() override {}
  int64_t resident_bytes() const override { return resident_bytes_; }
  SequenceCaches& caches() override { return caches_; }
  int64_t unmanaged_bytes() const override { return 0; }

 private:
  struct Rope {
    int dims;
    bool is_interleaved;
    float position_scale, magnitude;
    mlx::core::array lengths;

    /// @param x [batch, heads, tokens, head_dim]; offset: of the first token, for all or per batch
    template <typename Offset>
    mlx::core::array turn(const mlx::core::array& x, const Offset& offset) const;
  };
  struct Layer {
    AttentionSpec attention;
    mlx::core::array input_norm, feed_forward_norm;
    std::optional<mlx::core::array> query_norm, key_norm;
    ArrayLinear query_key_value, attention_output;
    ArrayFeedForward feed_forward;
  };

  mlx::core::array attend(const Layer& layer, size_t index, const StepPlan& plan, const mlx::core::array& normalized);
  mlx::core::array attend_segment(const Layer& layer, LayerArrays& cache, const PlanSegment& segment, const mlx::core::array& queries,
                                  const mlx::core::array& keys, const mlx::core::array& values);
  mlx::core::array add(const mlx::core::array& state, const mlx::core::array& part) const;

  bool is_gpu_;
  AllSum all_sum_;
  float epsilon_;
  /// Of the hidden states: float32 on the CPU, else the type of the model's norms.
  mlx::core::Dtype type_;
  std::vector<Rope> ropes_;
  std::vector<Layer> layers_;
  std::optional<ArrayMatrix> embedding_, head_;
  std::optional<mlx::core::array> final_norm_;
  ArrayCaches caches_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

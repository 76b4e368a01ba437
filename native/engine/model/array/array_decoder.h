#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "../../cache/array_caches.h"
#include "../../graph_evaluator.h"
#include "../../step_progress.h"
#include "mixers/array_attention.h"
#include "array_feed_forward.h"
#include "group_row.h"
#include "mixers/array_pooled_attention.h"
#include "array_layer_inputs.h"
#include "parts/array_norm.h"
#include "parts/array_rope.h"
#include "parts/array_weights.h"
#include "../decoder.h"
#include "residual_blocks.h"
#include "stage_row.h"

namespace exo {

/// The decoder in MLX operations, for the GPU. Weights stay in the stored format, and each sequence's keys and values
/// are rows of arrays. It also runs on the CPU, where half floats are widened unless `keeps_types` is set. `kept_bits` are
/// the bits per number of stored keys and values; 0: as computed.
class ArrayDecoder : public Decoder {
 public:
  ArrayDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum, StepProgress& progress,
               GraphEvaluator& evaluator, bool keeps_types, int kept_bits);

  std::shared_ptr<PreparedStep> prepare(StepPlan plan) override;
  mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) override;
  mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) override;
  mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  mlx::core::array final_states(const mlx::core::array& hidden, std::vector<int32_t> rows) override;
  mlx::core::Dtype hidden_type() const override { return type_; }
  int received_width() const override { return streams_ ? group_row_.width() : stage_row_.received_width(); }
  bool draws_on_device() const override { return true; }
  void trim() override {}
  int64_t resident_bytes() const override { return resident_bytes_; }
  SequenceCaches& caches() override { return caches_; }
  int64_t unmanaged_bytes() const override { return 0; }

 private:
  struct LayerInput {
    ArrayMatrix gate, up;
    ArrayNorm norm;
  };
  /// A second first half beside the other one.
  struct Mixer {
    std::unique_ptr<ArrayAttention> attention;
    ArrayLinear query_key_value, output;
  };
  struct Layer {
    /// Absent, like the feed-forward, if the layer has no such half.
    std::unique_ptr<ArrayAttention> attention;
    /// Absent if the layer has no such norm.
    std::optional<ArrayNorm> input_norm, feed_forward_norm, attention_output_norm, feed_forward_output_norm;
    ArrayLinear query_key_value, attention_output;
    std::optional<Mixer> beside;
    std::optional<ArrayFeedForward> feed_forward;
    std::optional<LayerInput> input;
    /// Present if the halves read mixes of earlier states.
    std::optional<mlx::core::array> attention_mix, feed_forward_mix;
    bool begins_block;
    std::optional<mlx::core::array> output_scale;
    /// The layer whose keys and values are attended to; below 0: its own.
    int keys_of;
    bool are_keys_sent;
    /// Present if the decoder has streams, in place of the other attention.
    std::unique_ptr<ArrayPooledAttention> pooled;
    std::optional<ArrayStreamMix> attention_streams, feed_forward_streams;
  };

  std::optional<Mixer> load_beside(const std::optional<MixerSpec>& spec, ArrayLoader& loader, const NormLoader& norms) const;
  /// The first half of a layer, of this rank. @param input the normalized state
  mlx::core::array attend(size_t index, const mlx::core::array& input, StageRow& row, ArrayStep& step);
  /// One layer without the parts after its halves.
  mlx::core::array run_layer(size_t index, mlx::core::array state, StageRow& row, ResidualBlocks& blocks, ArrayStep& step);
  /// The layers of a decoder with streams.
  mlx::core::array run_streams(ArrayStep& step, const mlx::core::array& hidden);
  void receive_groups(const mlx::core::array& rows, const GroupedSegment& segment, SeenGroups& seen);
  /// The first half of a layer, of this rank. @param holder the place of the groups in the cache, if the layer pools them
  mlx::core::array attend_groups(size_t index, size_t holder, const mlx::core::array& input, const std::vector<GroupedSegment>& segments,
                                 std::vector<SeenGroups>& seen);
  /// Adds `part`, the output of one half of a layer, to the state.
  mlx::core::array add(const mlx::core::array& state, const mlx::core::array& part, const std::optional<ArrayNorm>& norm) const;
  /// The final norm of these rows of the hidden states.
  mlx::core::array normalized_last(const mlx::core::array& hidden, const std::vector<int32_t>& rows) const;

  AllSum all_sum_;
  StepProgress& progress_;
  float embedding_scale_, residual_scale_, logit_scale_, logit_cap_;
  bool is_parallel_;
  /// The type of all computation: float32 or the type of the model's weights.
  mlx::core::Dtype type_;
  std::vector<ArrayRope> ropes_;
  std::vector<Layer> layers_;
  std::optional<ArrayMatrix> embedding_, head_;
  std::optional<ArrayNorm> final_norm_;
  std::optional<mlx::core::array> output_mix_;
  std::optional<ArrayStreamOutput> output_streams_;
  float epsilon_;
  std::optional<ArrayLayerInputs> layer_inputs_;
  StageRowShape stage_row_;
  std::optional<StreamsSpec> streams_;
  std::optional<TokenGroupsSpec> groups_;
  GroupRowShape group_row_;
  ArrayCaches caches_;
  int64_t resident_bytes_ = 0;
};

/// The number of places for groups of tokens: one for each layer that pools, and one for those that earlier stages have pooled.
size_t held_groups(const DecoderSpec& spec);

}  // namespace exo

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../load/weight_source.h"

namespace exo {

/// Rotary positions: dimension pair i turns by position * position_scale * inverse_frequencies[i].
struct RopeSpec {
  /// Half the number of dimensions that turn; the first ones of a head.
  std::vector<float> inverse_frequencies;
  float position_scale = 1;
  /// Factor on the turned dimensions (yarn).
  float magnitude = 1;
  /// Pairs are neighbours (2i, 2i + 1), not (i, i + half).
  bool is_interleaved = false;
};

/// Latent attention (DeepSeek), over this rank's heads: a token keeps one narrow latent and one rotated key for all heads.
struct LatentSpec {
  int32_t latent_dim = 0;
  int32_t rotated_dim = 0;
  /// Of the part of a query that meets the latent, not the rotated key.
  int32_t plain_dim = 0;
  /// Of a head's result.
  int32_t value_dim = 0;
  float epsilon = 1e-6f;
  /// Where queries come out of a narrow layer.
  std::optional<TensorSource> query_norm;
  std::optional<MatrixSource> query_up;
  TensorSource latent_norm;
  /// Per head [latent, plain]; in the key layout [plain, latent].
  std::vector<MatrixSource> to_latent;
  bool is_key_layout = false;
  /// Per head [value, latent].
  std::vector<MatrixSource> from_latent;
};

/// Attention over this rank's heads: of grouped queries, or `latent`.
struct AttentionSpec {
  int32_t heads = 0;
  int32_t kv_heads = 0;
  int32_t head_dim = 0;
  float scale = 1;
  /// Positions that a token sees, itself included; 0: all.
  int32_t window = 0;
  /// Index into the decoder's ropes.
  int32_t rope = 0;
  /// RMS norm of each head before the rotation [head_dim].
  std::optional<TensorSource> query_norm;
  std::optional<TensorSource> key_norm;
  /// Logits that take part in the softmax without a value [heads].
  std::optional<TensorSource> sinks;
  std::optional<LatentSpec> latent;
};

/// What lies between a feed-forward's two products: activation(gate) * up.
enum class Activation : int { Silu, GeluTanh, ClampedSwiglu };

/// down(activation(gate) * up).
struct GatedSource {
  /// Gate and up outputs side by side.
  LinearSource gate_up;
  LinearSource down;
};

/// What makes a logit of the router a score.
enum class Scoring : int { Softmax, Sigmoid };

/// How a token finds its experts: each gets a score of its logit; the best ones take part, weighted by their scores.
struct RouterSpec {
  MatrixSource weight;
  /// Added to the scores for the choice alone [experts].
  std::optional<TensorSource> correction;
  Scoring scoring = Scoring::Softmax;
  /// Experts that take part.
  int32_t chosen = 0;
  /// The weights of the chosen ones are made to sum to 1.
  bool is_normalized = false;
  /// Only experts of the best groups, by their two best experts each, can be chosen.
  int32_t groups = 1, groups_kept = 1;
  /// Factor on the weights.
  float scale = 1;
};

/// One matrix per expert, of one size each; a rank has its share of every expert's width.
struct ExpertsSpec {
  RouterSpec router;
  std::vector<MatrixSource> gate, up, down;
};

/// A layer's second half: the sum of what it has of both.
struct FeedForwardSpec {
  Activation activation = Activation::Silu;
  /// For every token: the whole of a dense layer, or the shared experts.
  std::optional<GatedSource> always;
  std::optional<ExpertsSpec> experts;
};

struct LayerSpec {
  TensorSource input_norm;
  /// Query, key and value outputs side by side; of latent attention: query (or its narrow layer), latent, rotated key.
  LinearSource query_key_value;
  AttentionSpec attention;
  LinearSource attention_output;
  /// Of the outputs of a layer's halves, before they are added.
  std::optional<TensorSource> attention_output_norm, feed_forward_output_norm;
  TensorSource feed_forward_norm;
  FeedForwardSpec feed_forward;
};

/// This rank's part of a decoder, told by the facade from config.json and the files' headers.
struct DecoderSpec {
  std::vector<std::string> files;
  int32_t hidden_size = 0;
  int32_t vocab_size = 0;
  float norm_epsilon = 1e-5f;
  /// Added to the weight of every norm.
  float norm_offset = 0;
  /// Factor on the embedding's rows.
  float embedding_scale = 1;
  std::vector<RopeSpec> ropes;
  /// This rank's own layers.
  std::vector<LayerSpec> layers;
  /// Where the pipeline begins; also the head of a tied model.
  std::optional<MatrixSource> embedding;
  /// Where the pipeline ends.
  std::optional<TensorSource> final_norm;
  std::optional<MatrixSource> head;
  bool is_head_tied = false;
  /// CPU only: hold every weight as float32.
  bool dequantize = false;
};

}  // namespace exo

#pragma once

#include <cmath>
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

/// A factor on an attention's results that the layer's input decides: per head the sigmoid or the softplus of one number, or
/// per number of a head's result its sigmoid.
enum class OutputGate : int { None, HeadSigmoid, HeadSoftplus, ElementSigmoid };

/// Queries grow with their position: 1 + beta * log(1 + floor((position + offset) / length)).
struct QueryGrowth {
  float beta = 0;
  float length = 1;
  float offset = 0;

  float at(int32_t position) const { return 1 + beta * std::log(1 + std::floor((static_cast<float>(position) + offset) / length)); }
};

/// Attention over this rank's heads: of grouped queries, or `latent`.
struct AttentionSpec {
  int32_t heads = 0;
  int32_t kv_heads = 0;
  int32_t head_dim = 0;
  /// Of a head's values and results.
  int32_t value_dim = 0;
  float scale = 1;
  /// Positions that a token sees, itself included; 0: all.
  int32_t window = 0;
  /// Index into the decoder's ropes.
  int32_t rope = 0;
  /// RMS norm of each head [head_dim], or of whole rows [this rank's heads * head_dim].
  std::optional<TensorSource> query_norm;
  std::optional<TensorSource> key_norm;
  /// Norms are of whole rows, over the heads of all ranks: so many query and key numbers; 0: of each head.
  int32_t normed_query_width = 0, normed_key_width = 0;
  /// The norms of heads follow the rotation.
  bool is_normed_after_rotation = false;
  /// Factor on the values.
  float value_scale = 1;
  /// Logits l become cap * tanh(l / cap); 0: they stay.
  float soft_cap = 0;
  QueryGrowth growth;
  OutputGate gate = OutputGate::None;
  /// Logits that take part in the softmax without a value [heads].
  std::optional<TensorSource> sinks;
  std::optional<LatentSpec> latent;
};

/// What lies between a feed-forward's two products: activation(gate) * up.
enum class Activation : int { Silu, GeluTanh, ClampedSwiglu, LimitedSilu };

/// down(activation(gate) * up).
struct GatedSource {
  /// Gate and up outputs side by side.
  LinearSource gate_up;
  LinearSource down;
};

/// What makes a logit of the router a score.
enum class Scoring : int { Softmax, Sigmoid, SqrtSoftplus };

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
  /// Groups count by their best expert alone.
  bool is_group_best = false;
  /// Logits l become cap * tanh(l / cap) first; 0: they stay.
  float logit_cap = 0;
  /// Factor on the weights.
  float scale = 1;
};

/// One matrix per expert, of one size each; a rank has its share of every expert's width.
struct ExpertsSpec {
  RouterSpec router;
  std::vector<MatrixSource> gate, up, down;
  /// Of `Activation::LimitedSilu`, in experts; 0: none.
  float limit = 0;
};

/// A layer's second half: the sum of what it has of both.
struct FeedForwardSpec {
  Activation activation = Activation::Silu;
  /// For every token: the whole of a dense layer, or the shared experts.
  std::optional<GatedSource> always;
  std::optional<ExpertsSpec> experts;
  /// Of `Activation::LimitedSilu`, in `always`; 0: none.
  float always_limit = 0;
  /// A factor on what `always` gives: the sigmoid of this product [1, hidden].
  std::optional<MatrixSource> always_gate;
};

/// A norm's weight, and its bias where there is one.
struct NormSource {
  TensorSource weight;
  std::optional<TensorSource> bias;
};

struct LayerSpec {
  /// Absent: the half reads the state as it is.
  std::optional<NormSource> input_norm, feed_forward_norm;
  /// Query, key and value outputs side by side; of latent attention: query (or its narrow layer), latent, rotated key.
  LinearSource query_key_value;
  AttentionSpec attention;
  LinearSource attention_output;
  /// Of the outputs of a layer's halves, before they are added.
  std::optional<NormSource> attention_output_norm, feed_forward_output_norm;
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
  /// Norms take the mean away first.
  bool is_layer_norm = false;
  /// Both halves of a layer read its input, by the first one's norm.
  bool is_parallel = false;
  /// Factor on what a half of a layer adds.
  float residual_scale = 1;
  /// Factor on the logits.
  float logit_scale = 1;
  /// Logits l become cap * tanh(l / cap); 0: they stay.
  float logit_cap = 0;
  /// Factor on the embedding's rows.
  float embedding_scale = 1;
  std::vector<RopeSpec> ropes;
  /// This rank's own layers.
  std::vector<LayerSpec> layers;
  /// Where the pipeline begins; also the head of a tied model.
  std::optional<MatrixSource> embedding;
  /// Where the pipeline ends.
  std::optional<NormSource> final_norm;
  std::optional<MatrixSource> head;
  bool is_head_tied = false;
  /// CPU only: hold every weight as float32.
  bool dequantize = false;
};

}  // namespace exo

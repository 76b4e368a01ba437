#pragma once

// Written by `node setup/generate/write-decoder-spec.mjs` from native/plan/spec: change the tables there.

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../load/weight_source.h"

namespace exo {

/// Rotary positions: dimension pair i turns by position * positionScale * inverseFrequencies[i].
struct RopeSpec {
  /// One for each pair of dimensions that turn; these are the first ones of a head.
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
  /// The width of the part of a query that meets the latent, not the rotated key.
  int32_t plain_dim = 0;
  /// The width of a head's result.
  int32_t value_dim = 0;
  float epsilon = 1e-6f;
  /// Of queries that come out of a narrow layer, as is `queryUp`.
  std::optional<TensorSource> query_norm;
  std::optional<MatrixSource> query_up;
  TensorSource latent_norm;
  /// Per head [latent, plain]; in the key layout [plain, latent].
  std::vector<MatrixSource> to_latent;
  bool is_key_layout = false;
  /// Per head [value, latent].
  std::vector<MatrixSource> from_latent;
};

/// A factor on an attention's results that the layer's input decides: per head the sigmoid or the softplus of one number,
/// or per number of a head's result its sigmoid.
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
  /// The width of a head's values and results.
  int32_t value_dim = 0;
  float scale = 1;
  /// Positions that a token sees, itself included; 0: all.
  int32_t window = 0;
  /// Index into the decoder's ropes.
  int32_t rope = 0;
  /// RMS norm of each head [head], or of whole rows [this rank's heads * head].
  std::optional<TensorSource> query_norm;
  std::optional<TensorSource> key_norm;
  /// The width of all queries, over all ranks, where norms are of whole rows; 0: of each head.
  int32_t normed_query_width = 0;
  /// The same of keys.
  int32_t normed_key_width = 0;
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
  /// Gate, up; or both in one.
  LinearSource gate_up;
  LinearSource down;
};

/// What turns a logit of the router into an expert's score.
enum class Scoring : int { Softmax, Sigmoid, SqrtSoftplus };

/// How a token finds its experts: each gets a score from its logit; the best ones take part, weighted by their scores.
struct RouterSpec {
  MatrixSource weight;
  /// Added to the scores for the choice alone [experts].
  std::optional<TensorSource> correction;
  Scoring scoring = Scoring::Softmax;
  /// How many experts take part.
  int32_t chosen = 0;
  /// The weights of the chosen ones are scaled to sum to 1.
  bool is_normalized = false;
  /// Only experts of the `groupsKept` best groups can be chosen; a group counts by its two best experts.
  int32_t groups = 1;
  int32_t groups_kept = 1;
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
  std::vector<MatrixSource> gate;
  std::vector<MatrixSource> up;
  std::vector<MatrixSource> down;
  /// Of the activation `limited-silu`, in experts; 0: none.
  float limit = 0;
};

/// A layer's second half: the sum of what it has of both.
struct FeedForwardSpec {
  Activation activation = Activation::Silu;
  /// For every token: the whole of a dense layer, or the shared experts.
  std::optional<GatedSource> always;
  std::optional<ExpertsSpec> experts;
  /// Of the activation `limited-silu`, in `always`; 0: none.
  float always_limit = 0;
  /// A factor on the result of `always`: the sigmoid of this product [1, hidden].
  std::optional<MatrixSource> always_gate;
};

/// A norm's weight, and its bias where there is one.
struct NormSource {
  TensorSource weight;
  std::optional<TensorSource> bias;
};

/// A layer of the decoder.
struct LayerSpec {
  /// Without it the half reads the state as it is, or what the other half reads.
  std::optional<NormSource> input_norm;
  /// The same of the second half.
  std::optional<NormSource> feed_forward_norm;
  /// Query, key, value; of latent attention: query (or its narrow layer), latent, rotated key.
  LinearSource query_key_value;
  AttentionSpec attention;
  LinearSource attention_output;
  /// Of the attention's output, before it is added.
  std::optional<NormSource> attention_output_norm;
  /// Of the second half's output, before it is added.
  std::optional<NormSource> feed_forward_output_norm;
  FeedForwardSpec feed_forward;
};

/// One rank's part of a decoder.
struct DecoderSpec {
  std::vector<std::string> files;
  int32_t hidden_size = 0;
  int32_t vocab_size = 0;
  float norm_epsilon = 1e-5f;
  /// Added to the weight of every norm.
  float norm_offset = 0;
  /// Norms subtract the mean first.
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
  /// Where the pipeline begins, and for a tied head where it ends.
  std::optional<MatrixSource> embedding;
  /// Where the pipeline ends.
  std::optional<NormSource> final_norm;
  /// Absent where the embedding is the head.
  std::optional<MatrixSource> head;
  /// CPU only: hold every weight as float32.
  bool dequantize = false;
};

}  // namespace exo

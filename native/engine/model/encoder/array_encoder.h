#pragma once

#include <mlx/mlx.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "../../graph_evaluator.h"
#include "../../schedule/pooling.h"
#include "../../step_progress.h"
#include "../array/parts/array_norm.h"
#include "../array/parts/array_rope.h"
#include "../array/parts/array_weights.h"
#include "../encoder_spec.h"

namespace exo {

struct EncodedText {
  const std::vector<int32_t>* tokens;
  /// The last tokens that belong to the second of two texts.
  int32_t second_tokens;
  Pooling pooling;
};

/// An encoder in MLX operations. Texts of similar length are rows of the same arrays, padded to the longest. On the CPU,
/// half floats are widened unless `keeps_types` is set.
class ArrayEncoder {
 public:
  ArrayEncoder(const EncoderSpec& spec, WeightReader& reader, ThreadPool& pool, StepProgress& progress, GraphEvaluator& evaluator,
               bool keeps_types);

  /// The vector of each text, or its scores if that is its pooling.
  std::vector<std::vector<double>> encode(const std::vector<EncodedText>& texts);
  bool is_classifier() const { return is_classifier_; }
  int32_t vocab_size() const { return vocab_size_; }
  int64_t resident_bytes() const { return resident_bytes_; }

 private:
  struct Layer {
    std::optional<ArrayNorm> attention_norm, attention_output_norm, attention_sum_norm;
    std::optional<ArrayNorm> feed_forward_norm, feed_forward_output_norm, feed_forward_sum_norm;
    ArrayLinear query_key_value, attention_output, up, down;
    std::optional<mlx::core::array> query_norm, key_norm;
    int window, rope;
    bool is_gated;
    EncoderActivation activation;
  };
  struct Head {
    ArrayMatrix weight;
    EncoderActivation activation;
    std::optional<ArrayNorm> norm;
  };

  /// The states after the last layer [texts, tokens, hidden].
  mlx::core::array run(const std::vector<EncodedText>& texts, int tokens);
  mlx::core::array embed(const std::vector<EncodedText>& texts, int tokens) const;
  mlx::core::array attend(const Layer& layer, const mlx::core::array& x, const std::vector<EncodedText>& texts) const;
  mlx::core::array heads_of(const mlx::core::array& rows, const std::optional<mlx::core::array>& norm, int rope) const;
  /// What is added to the logits of queries from `begin` to `end` [texts or 1, heads or 1, queries, keys]; none if all
  /// tokens see all others alike.
  std::optional<mlx::core::array> mask(const std::vector<EncodedText>& texts, int window, int begin, int end, int tokens) const;
  mlx::core::array pooled(const mlx::core::array& states, const std::vector<EncodedText>& texts) const;

  StepProgress& progress_;
  GraphEvaluator& evaluator_;
  int heads_, kv_heads_, head_dim_, hidden_size_;
  int32_t vocab_size_;
  float scale_, norm_epsilon_, embedding_scale_;
  int first_position_;
  bool is_classifier_, is_mean_classified_;
  mlx::core::Dtype type_;
  std::vector<float> slopes_;
  std::vector<ArrayRope> ropes_;
  std::vector<Layer> layers_;
  std::vector<Head> dense_;
  std::optional<ArrayMatrix> embedding_, positions_, segments_;
  std::optional<ArrayNorm> embedding_norm_, final_norm_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

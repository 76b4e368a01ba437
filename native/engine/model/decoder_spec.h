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

/// Grouped-query attention over this rank's heads.
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
};

struct LayerSpec {
  TensorSource input_norm;
  /// Query, key and value outputs side by side.
  LinearSource query_key_value;
  AttentionSpec attention;
  LinearSource attention_output;
  TensorSource feed_forward_norm;
  /// Gate and up outputs side by side; down(silu(gate) * up).
  LinearSource gate_up;
  LinearSource down;
};

/// This rank's part of a decoder, told by the facade from config.json and the files' headers.
struct DecoderSpec {
  std::vector<std::string> files;
  int32_t hidden_size = 0;
  int32_t vocab_size = 0;
  float norm_epsilon = 1e-5f;
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

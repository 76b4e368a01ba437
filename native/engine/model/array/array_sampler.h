#pragma once

#include <mlx/mlx.h>

#include <vector>

namespace exo {

/// How to draw the token of one row of logits. It covers what a Sampler does if the logits are unchanged and no
/// logprobs are needed.
struct RowDraw {
  /// 0: always the most likely token.
  float temperature = 0;
  float top_p = 1;
  /// 0: unlimited.
  int32_t top_k = 0;
  float min_p = 0;
  /// The random number in [0, 1), derived from the seed and the token's number.
  double uniform = 0;
};

/// Draws tokens in MLX operations, so that the next step does not wait for the CPU. The tokens are those of a Sampler
/// unless the rounding of cumulative sums makes a difference.
/// @param logits [rows, vocabulary] in float32
/// @returns [rows]
mlx::core::array draw_tokens(const mlx::core::array& logits, const std::vector<RowDraw>& draws);

}  // namespace exo

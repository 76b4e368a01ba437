#pragma once

#include <mlx/mlx.h>

#include <vector>

namespace exo {

/// How the token of one row of logits is drawn; what a Sampler does where nothing changes the logits and nobody asks for logprobs.
struct RowDraw {
  /// 0: the likeliest token.
  float temperature = 0;
  float top_p = 1;
  /// 0: off.
  int32_t top_k = 0;
  float min_p = 0;
  /// In [0, 1): of the seed and the number of the token.
  double uniform = 0;
};

/// Draws in MLX's own operations, so that the next step needs no number from the CPU: the same tokens as a Sampler, but
/// where the rounding of cumulative sums decides.
/// @param logits [rows, vocabulary] in float32
/// @returns [rows]
mlx::core::array draw_tokens(const mlx::core::array& logits, const std::vector<RowDraw>& draws);

}  // namespace exo

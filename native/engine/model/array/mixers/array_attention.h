#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../parts/array_norm.h"
#include "../parts/array_rope.h"
#include "../parts/array_step.h"
#include "../parts/array_weights.h"
#include "../../decoder.h"

namespace exo {

/// A layer's attention in MLX operations, between the input and output projections.
class ArrayAttention {
 public:
  virtual ~ArrayAttention() = default;

  /// Normalizes queries and keys over whole rows if the model does so. Everything else stays unchanged.
  /// @param all_sum sums over ranks; may be empty
  virtual mlx::core::array normalize_rows(const mlx::core::array& projected, const AllSum&) const { return projected; }

  /// Normalizes results that all ranks have parts of, if the model does so. @param attended the results of `run`
  virtual mlx::core::array normalize_results(const mlx::core::array& attended, const AllSum&) const { return attended; }

  /// @param projected [tokens, outputs of the input projection], for all tokens of a step
  /// @param layer index of the layer within its sight
  /// @returns [tokens, heads * value dim], followed by the keys and values that later stages need
  mlx::core::array run(const mlx::core::array& projected, AttendedTokens& step, size_t layer) const;

 protected:
  /// Sequences with one token each: [count, outputs of the input projection] to [count, heads * value dim].
  virtual mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const = 0;
  /// Several tokens of one sequence, with the same shapes. @param run index into the step's runs
  virtual mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const = 0;
};

/// @param ropes the decoder's ropes, which must outlive the attention
/// @param kept_bits bits per number of stored keys and values; 0: as computed, as are latents and states always
std::unique_ptr<ArrayAttention> make_array_attention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, ArrayLoader& loader,
                                                     const NormLoader& norms, int kept_bits);

}  // namespace exo

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "array_rope.h"
#include "array_step.h"
#include "array_weights.h"
#include "../decoder.h"

namespace exo {

/// A layer's attention in MLX's own operations, between its two products.
class ArrayAttention {
 public:
  virtual ~ArrayAttention() = default;

  /// Rows of queries and keys that are normed as a whole; all others as they are.
  /// @param all_sum over ranks; may be empty
  virtual mlx::core::array normalize_rows(const mlx::core::array& projected, const AllSum&) const { return projected; }

  /// @param projected [tokens, outputs of the first product] of a step
  /// @param layer its index within its sight
  /// @returns [tokens, heads * value dim]
  mlx::core::array run(const mlx::core::array& projected, AttendedTokens& step, size_t layer) const;

 protected:
  /// Sequences that give one token each: [count, outputs of the first product] to [count, heads * value dim].
  virtual mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const = 0;
  /// Several tokens of one sequence, likewise. @param run index into the step's runs
  virtual mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const = 0;
};

/// @param ropes of the decoder; they outlive the attention
/// @param norm loads a norm's weight
std::unique_ptr<ArrayAttention> make_array_attention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, float epsilon,
                                                     ArrayLoader& loader, const std::function<mlx::core::array(const TensorSource&)>& norm);

}  // namespace exo

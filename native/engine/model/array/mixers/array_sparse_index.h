#pragma once

#include <optional>

#include "../parts/array_norm.h"
#include "../parts/array_rope.h"

namespace exo {

/// Chooses the tokens that latent attention sees, in MLX operations: those whose own narrow keys score best.
class ArraySparseIndex {
 public:
  ArraySparseIndex(const SparseIndexSpec& spec, const ArrayRope& rope, ArrayLoader& loader);

  /// The last columns of the attention's projection that are the index's.
  int projected_width() const { return spec_.dim + spec_.heads; }
  int dim() const { return spec_.dim; }
  /// Whether so many tokens are too many to see all of them.
  bool chooses_among(int tokens) const { return tokens > spec_.chosen; }
  const ArrayRope& rope() const { return rope_; }

  /// Keys before the rotation. @param projected [tokens, projected width] @returns [tokens, 1, 1, dim]
  mlx::core::array keys_of(const mlx::core::array& projected) const;
  /// Queries before the rotation. @param narrow [tokens, narrow queries] @returns [tokens, heads, 1, dim]
  mlx::core::array queries_of(const mlx::core::array& narrow) const;
  /// The weight of each head. @returns [tokens, heads, 1, 1]
  mlx::core::array weights_of(const mlx::core::array& projected) const;

  /// The indices of the tokens that are seen: [rows, 1, tokens, chosen].
  /// @param queries [rows, heads, tokens, dim] @param weights [rows, heads, tokens, 1] @param keys [rows, 1, seen, dim]
  /// @param mask which tokens can be seen at all; absent: all
  mlx::core::array best(const mlx::core::array& queries, const mlx::core::array& weights, const mlx::core::array& keys,
                        const std::optional<mlx::core::array>& mask) const;
  /// The same as a mask [rows, 1, tokens, seen].
  mlx::core::array choice(const mlx::core::array& queries, const mlx::core::array& weights, const mlx::core::array& keys,
                          const std::optional<mlx::core::array>& mask) const;

 private:
  SparseIndexSpec spec_;
  const ArrayRope& rope_;
  ArrayMatrix query_up_;
  ArrayNorm key_norm_;
};

}  // namespace exo

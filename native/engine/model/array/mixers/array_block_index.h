#pragma once

#include "../parts/array_norm.h"
#include "../parts/array_rope.h"

namespace exo {

/// Chooses the blocks of tokens that grouped attention sees, in MLX operations. The cache has its keys as one more head.
class ArrayBlockIndex {
 public:
  /// @param heads of the attention's queries @param key_dim the width of the attention's keys
  ArrayBlockIndex(const BlockIndexSpec& spec, int heads, int key_dim, const ArrayRope& rope, const NormLoader& norms);

  /// The last columns of the attention's projection that are the index's.
  int projected_width() const { return (spec_.heads + 1) * spec_.dim; }
  const ArrayRope& rope() const { return rope_; }
  /// Queries before the rotation. @param own [tokens, projected width] @returns [tokens, heads, 1, dim]
  mlx::core::array queries_of(const mlx::core::array& own) const;
  /// Keys before the rotation. @returns [tokens, 1, 1, dim]
  mlx::core::array keys_of(const mlx::core::array& own) const;
  /// Keys as one more head of the attention's. @param keys [rows, 1, tokens, dim], rotated
  mlx::core::array as_head(const mlx::core::array& keys) const;

  /// Whether so many tokens have more blocks than are seen.
  bool chooses_among(int tokens) const { return tokens > spec_.chosen * spec_.block_tokens; }
  /// Which tokens each head of the attention sees [rows, heads, tokens, seen].
  /// @param queries [rows, index heads, tokens, dim] @param head the head of `as_head` [rows, 1, seen, key dim]
  /// @param positions of the tokens, to be broadcast to [rows, 1, tokens, 1] @param mask which tokens can be seen at all
  mlx::core::array choice(const mlx::core::array& queries, const mlx::core::array& head, const mlx::core::array& positions,
                          const mlx::core::array& mask) const;

 private:
  BlockIndexSpec spec_;
  int heads_, key_dim_;
  const ArrayRope& rope_;
  float epsilon_;
  mlx::core::array query_norm_, key_norm_;
};

}  // namespace exo

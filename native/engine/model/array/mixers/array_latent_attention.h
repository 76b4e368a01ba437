#pragma once

#include "array_attention.h"
#include "array_sparse_index.h"

namespace exo {

/// Latent attention. The cache holds latents as keys, and rotated keys and those of the index as values. A few tokens attend to the latents
/// directly: the heads' matrices are applied to query and output instead. For many tokens, the latents are first
/// expanded to keys and values of all heads, which needs fewer operations per pair of tokens.
class ArrayLatentAttention : public ArrayAttention {
 public:
  ArrayLatentAttention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, ArrayLoader& loader, const NormLoader& norms);

 protected:
  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const override;
  mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const override;

 private:
  /// For each token [tokens, heads or 1, 1, dim]: both parts of the queries, the latent, and the key before the
  /// rotation.
  struct Parts {
    mlx::core::array plain, rotated, latents, keys;
  };

  /// Scales queries by their position. @param shape the shape of the factors
  Parts grown(Parts parts, const std::vector<int32_t>& positions, mlx::core::Shape shape) const;
  Parts split(const mlx::core::array& projected) const;
  /// The part of the projection without the columns of the index and the gate, and those of the index.
  mlx::core::array own_columns(const mlx::core::array& projected) const;
  mlx::core::array index_columns(const mlx::core::array& projected) const;
  /// Multiplies results by the gates in the last columns of the projection, if there are any.
  mlx::core::array gated(const mlx::core::array& attended, const mlx::core::array& projected) const;
  mlx::core::array scores_of(const mlx::core::array& rotated, const mlx::core::array& keys,
                             const std::optional<mlx::core::array>& mask) const;
  mlx::core::array attend_to(const mlx::core::array& queries, const mlx::core::array& keys, const mlx::core::array& values,
                             const mlx::core::array& scores) const;
  /// The queries of all heads [tokens, heads * (plain + rotated)], or the narrow layer before them.
  mlx::core::array queries_of(const mlx::core::array& projected) const;
  mlx::core::array narrow_queries_of(const mlx::core::array& projected) const;

  int heads_;
  /// 0: no gate.
  int gate_width_;
  float scale_;
  LatentSpec spec_;
  QueryGrowth growth_;
  const ArrayRope& rope_;
  /// Factor on the products of the rotated parts.
  float rotated_scale_;
  std::optional<mlx::core::array> query_norm_;
  std::optional<ArrayMatrix> query_up_;
  mlx::core::array latent_norm_;
  ArrayStack to_latent_, from_latent_;
  std::optional<ArraySparseIndex> index_;
};

}  // namespace exo

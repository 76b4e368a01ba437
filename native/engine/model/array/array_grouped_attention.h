#pragma once

#include "array_attention.h"

namespace exo {

/// Grouped queries: each key-value head serves as many query heads.
class ArrayGroupedAttention : public ArrayAttention {
 public:
  ArrayGroupedAttention(const AttentionSpec& spec, const ArrayRope& rope, float epsilon, ArrayLoader& loader,
                        const std::function<mlx::core::array(const TensorSource&)>& norm);

  mlx::core::array normalize_rows(const mlx::core::array& projected, const AllSum& all_sum) const override;

 protected:
  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const override;
  mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const override;

 private:
  /// Queries, keys and values of all heads, each [tokens, heads, 1, dim], or of a run [1, tokens, heads, dim].
  struct Heads {
    mlx::core::array queries, keys, values;
  };

  Heads split(const mlx::core::array& projected, bool is_run) const;
  mlx::core::array normed(const mlx::core::array& heads, const std::optional<mlx::core::array>& norm) const;
  /// Normed and rotated, in the order that the model has. @param turn rotates
  mlx::core::array placed(const mlx::core::array& heads, const std::optional<mlx::core::array>& norm,
                          const std::function<mlx::core::array(const mlx::core::array&)>& turn) const;
  /// @param mask [rows, 1, 1, seen] or [tokens, seen]; absent where all counts
  mlx::core::array attend_capped(const mlx::core::array& queries, const mlx::core::array& keys, const mlx::core::array& values,
                                 const std::optional<mlx::core::array>& mask) const;
  mlx::core::array apply_gate(const mlx::core::array& attended, const mlx::core::array& projected) const;

  AttentionSpec spec_;
  const ArrayRope& rope_;
  /// Factor on the products of queries and keys.
  float scale_;
  float epsilon_;
  std::optional<mlx::core::array> query_norm_, key_norm_, sinks_;
};

}  // namespace exo

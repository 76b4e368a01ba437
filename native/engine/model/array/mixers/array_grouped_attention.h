#pragma once

#include "array_attention.h"

namespace exo {

/// Grouped-query attention: several query heads share each key-value head.
class ArrayGroupedAttention : public ArrayAttention {
 public:
  ArrayGroupedAttention(const AttentionSpec& spec, const ArrayRope& rope, ArrayLoader& loader, const NormLoader& norms);

  mlx::core::array normalize_rows(const mlx::core::array& projected, const AllSum& all_sum) const override;

 protected:
  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const override;
  mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const override;

 private:
  /// Queries, keys and values of all heads, each [tokens, heads, 1, dim], or [1, tokens, heads, dim] for a run.
  struct Heads {
    mlx::core::array queries, keys, values;
  };

  /// What the cache stores, each [rows, heads, tokens, dim].
  struct Kept {
    mlx::core::array keys, values;
  };

  /// Without own keys and values, queries stand in for them, unused.
  Heads split(const mlx::core::array& projected, bool is_run) const;
  mlx::core::array normed(const mlx::core::array& heads, const std::optional<mlx::core::array>& norm) const;
  /// Applies norm and rotation in the model's order. @param turn rotates
  mlx::core::array placed(const mlx::core::array& heads, const std::optional<mlx::core::array>& norm,
                          const std::function<mlx::core::array(const mlx::core::array&)>& turn) const;
  /// @param turn rotates
  Kept kept_of(const mlx::core::array& keys, const mlx::core::array& values,
               const std::function<mlx::core::array(const mlx::core::array&)>& turn) const;
  /// @param mask [rows, 1, 1, seen] or [tokens, seen]; absent if every position counts
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

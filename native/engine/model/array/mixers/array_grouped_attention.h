#pragma once

#include <string>

#include "array_attention.h"
#include "array_block_index.h"

namespace exo {

/// Grouped-query attention: several query heads share each key-value head.
class ArrayGroupedAttention : public ArrayAttention {
 public:
  /// @param kept_bits bits per number of stored keys and values; 0: as computed
  ArrayGroupedAttention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, ArrayLoader& loader, const NormLoader& norms,
                        int kept_bits);

  mlx::core::array normalize_rows(const mlx::core::array& projected, const AllSum& all_sum) const override;

 protected:
  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const override;
  mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const override;

 private:
  /// Queries, keys and values of all heads, each [tokens, heads, 1, dim], or [1, tokens, heads, dim] for a run.
  struct Heads {
    mlx::core::array queries, keys, values;
  };

  /// The keys and values of new tokens, each [rows, heads, tokens, dim].
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
  LayerArrays packed(const Kept& kept) const;
  /// The part of the projection without the index's columns, and these.
  mlx::core::array own_columns(const mlx::core::array& projected) const;
  mlx::core::array index_columns(const mlx::core::array& projected) const;
  /// Attends to the blocks that the index chooses. @param positions, mask as for `ArrayBlockIndex::choice`
  mlx::core::array attend_to_blocks(const mlx::core::array& queries, const mlx::core::array& index_queries, const KeptTokens& keys,
                                    const KeptTokens& values, const mlx::core::array& positions, const mlx::core::array& mask) const;
  /// @param mode MLX's mask mode @param mask as for `attend_capped`
  mlx::core::array attend_to(const mlx::core::array& queries, const KeptTokens& keys, const KeptTokens& values, const std::string& mode,
                             const std::optional<mlx::core::array>& mask) const;
  /// @param mask [rows, 1, 1, seen] or [tokens, seen]; absent if every position counts
  mlx::core::array attend_capped(const mlx::core::array& queries, const mlx::core::array& keys, const mlx::core::array& values,
                                 const std::optional<mlx::core::array>& mask) const;
  mlx::core::array apply_gate(const mlx::core::array& attended, const mlx::core::array& projected) const;

  AttentionSpec spec_;
  KeptFormat kept_format_;
  const ArrayRope& rope_;
  /// Factor on the products of queries and keys.
  float scale_;
  float epsilon_;
  std::optional<mlx::core::array> query_norm_, key_norm_, sinks_;
  std::optional<ArrayBlockIndex> index_;
};

}  // namespace exo

#pragma once

#include "../parts/array_norm.h"
#include "array_group_index.h"
#include "array_group_pool.h"

namespace exo {

/// Attention to a window of tokens and to groups of earlier ones, in MLX operations. The cache of a windowed layer holds the tokens' keys,
/// which are their values too, and, as values, what groups are pooled of; that of a group's layer holds pooled keys.
class ArrayPooledAttention {
 public:
  /// @param groups absent if no layer sees groups
  ArrayPooledAttention(const AttentionSpec& spec, const RopeSpec& rope, const std::optional<TokenGroupsSpec>& groups, ArrayLoader& loader,
                       float epsilon);

  bool pools() const { return pool_.has_value(); }
  /// @param input [tokens, hidden] @param projected the narrow queries and the key [tokens, narrow + head]
  /// @param window the place of the layer's tokens, and @param layer its index there
  /// @param groups the place of the groups, and @param group_layer the layer's index there, if it pools
  /// @returns [tokens, groups of heads * narrow]
  mlx::core::array run(const mlx::core::array& input, const mlx::core::array& projected, const GroupedSegment& segment,
                       const CachePlace& window, size_t layer, const std::optional<CachePlace>& groups, size_t group_layer,
                       SeenGroups& seen) const;

 private:
  /// What the segment's tokens complete [tokens, head + index]. @param sources what groups are pooled of
  mlx::core::array completed(const KeptTokens& sources, const GroupedSegment& segment, const CachePlace& window,
                             const mlx::core::array& input) const;
  KeptTokens sources_of(const mlx::core::array& input) const;
  mlx::core::array attend(const mlx::core::array& queries, const mlx::core::array& keys, const GroupedSegment& segment, int first,
                          const SeenGroups& seen) const;

  int heads_, head_dim_, window_;
  float scale_, epsilon_;
  bool sees_groups_, are_queries_normed_, are_keys_rounded_;
  TokenGroupsSpec groups_;
  TrailingRope rope_;
  mlx::core::array query_norm_, key_norm_, sinks_;
  ArrayMatrix query_up_;
  ArrayStack output_groups_;
  std::optional<ArrayGroupPool> pool_;
  std::optional<ArrayGroupIndex> index_;
};

}  // namespace exo

#pragma once

#include "../parts/array_weights.h"
#include "../parts/trailing_rope.h"
#include "array_group_pool.h"
#include "token_groups.h"

namespace exo {

/// Chooses the groups of tokens that attention sees, in MLX operations.
class ArrayGroupIndex {
 public:
  ArrayGroupIndex(const GroupIndexSpec& spec, const TokenGroupsSpec& groups, const TrailingRope& rope, float epsilon, bool are_keys_rounded,
                  ArrayLoader& loader);

  /// How keys are pooled; absent: they are computed from those of attention.
  const std::optional<ArrayGroupPool>& pool() const { return pool_; }
  /// The keys of groups from the one with the number `first` on.
  /// @param pooled [groups, head], or, with a pool, what it pooled [groups, index] @returns [groups, index]
  mlx::core::array keys_of(const mlx::core::array& pooled, int first) const;
  /// Chooses for each token. @param input [tokens, hidden] @param narrow the narrow layer before queries [tokens, narrow]
  void choose(const mlx::core::array& input, const mlx::core::array& narrow, const GroupedSegment& segment, SeenGroups& seen) const;

 private:
  /// [tokens, groups], minus infinity for groups that are not complete.
  mlx::core::array scores_of(const mlx::core::array& input, const mlx::core::array& narrow, const GroupedSegment& segment,
                             const mlx::core::array& complete, const mlx::core::array& keys) const;
  /// The best blocks [tokens, candidates].
  mlx::core::array best_blocks(const mlx::core::array& scores, const mlx::core::array& complete, int blocks) const;

  TokenGroupsSpec groups_;
  int heads_;
  bool are_candidates_chosen_, are_keys_rounded_;
  float epsilon_;
  const TrailingRope& rope_;
  ArrayMatrix query_up_, weights_;
  std::optional<ArrayMatrix> key_down_;
  std::optional<mlx::core::array> key_norm_;
  std::optional<ArrayGroupPool> pool_;
  mlx::core::array rounded(const mlx::core::array& keys) const;
};

}  // namespace exo

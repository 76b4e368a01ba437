#pragma once

#include <mlx/mlx.h>

#include <optional>

#include "../../../cache/array_caches.h"
#include "../../decoder_spec.h"

namespace exo {

/// Consecutive tokens of one sequence in a step, and where layers keep what they need of earlier ones.
struct GroupedSegment {
  int position, tokens;
  /// Index of its first token in the step.
  int step_row;
  int32_t slot;

  int end() const { return position + tokens; }
};

/// What the layers of a step share about the groups of one sequence.
struct SeenGroups {
  /// The keys of all groups so far [1, 1, groups, head], and of the index [1, 1, groups, index]; absent: none yet.
  std::optional<mlx::core::array> keys, index_keys;
  /// For each token of the step the keys of the group that it completes, or zeros [tokens, head + index].
  std::optional<mlx::core::array> completed;
  /// The groups that each token sees [tokens, chosen], below 0: none; absent: all that are complete.
  std::optional<mlx::core::array> choice;
  /// The blocks among which later indexes choose [tokens, candidates], below 0: none; absent: all.
  std::optional<mlx::core::array> candidates;

  int groups() const { return keys ? keys->shape(2) : 0; }
};

/// The number of groups that are complete at each token [tokens, 1].
mlx::core::array complete_groups(const GroupedSegment& segment, int group_tokens);
/// Which of `count` numbers are in each row [rows, count]. @param chosen [rows, ...], below 0: none
mlx::core::array mask_of(const mlx::core::array& chosen, int count);
/// Stores the keys of groups that the segment's tokens complete, and finds those of all groups.
/// @param layer the index of their layer in the cache
void keep_groups(const mlx::core::array& completed, const TokenGroupsSpec& spec, const GroupedSegment& segment, const CachePlace& place,
                 size_t layer, SeenGroups& seen);

}  // namespace exo

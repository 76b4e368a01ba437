#pragma once

#include <algorithm>

#include "../../../cache/kept_tokens.h"
#include "../../decoder_spec.h"
#include "../parts/array_weights.h"

namespace exo {

/// Pools the tokens of each group into one key, in MLX operations and in float32.
class ArrayGroupPool {
 public:
  /// @param dim of a key
  ArrayGroupPool(const GroupPoolSpec& spec, int dim, float epsilon, ArrayLoader& loader);

  /// What groups are pooled of, `parts` arrays [1, 1, tokens, width]. @param input [tokens, hidden]
  KeptTokens sources_of(const mlx::core::array& input) const;
  size_t parts() const { return gate_ ? 2 : 1; }
  /// The first token that a group is pooled of.
  int first_token(int group) const { return (are_overlapping_ ? std::max(group - 1, 0) : group) * tokens_; }
  /// @param sources of all tokens of which these groups are pooled @returns [groups, dim]
  mlx::core::array pooled(const KeptTokens& sources, int groups, mlx::core::Dtype type) const;

 private:
  /// @param tokens [1, 1, tokens, width] @returns [groups, tokens, width]
  mlx::core::array by_group(const mlx::core::array& tokens) const;
  /// The tokens of each group, and with overlapping groups those of the one before [groups, tokens, dim].
  /// @param held [groups, tokens, width] @param before stands for the group before the first one
  mlx::core::array grouped(const mlx::core::array& held, int groups, float before) const;

  int tokens_, dim_;
  bool are_overlapping_;
  float epsilon_;
  ArrayMatrix key_value_;
  std::optional<ArrayMatrix> gate_;
  std::optional<mlx::core::array> gate_bias_;
  mlx::core::array norm_;
};

}  // namespace exo

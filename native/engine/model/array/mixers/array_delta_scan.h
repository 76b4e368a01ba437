#pragma once

#include <mlx/mlx.h>

namespace exo {

/// Of some tokens [rows, tokens, ...], in float32 but for the strengths: normalized queries and keys [key heads, 1, key dim] and values
/// [key heads, served, value dim]; of each value head the strength [key heads, served] and the logarithm of the decay
/// [key heads, served, 1, key dim or 1].
struct DeltaInputs {
  mlx::core::array queries, keys, values, strengths, fading;
};

struct DeltaRead {
  /// Numbers in the order of [rows, tokens, key heads, served, value dim].
  mlx::core::array read;
  /// [rows, key heads, served, value dim, key dim]
  mlx::core::array state;
};

/// Each token lets the state decay, corrects what it knows of the token's key, and reads it. Many tokens are computed in
/// chunks.
DeltaRead delta_scan(const DeltaInputs& inputs, const mlx::core::array& before);

}  // namespace exo

#pragma once

#include <mlx/mlx.h>

namespace exo {

/// Of some tokens: what each adds to the state [rows, tokens, groups, served, head dim], by which it fades
/// [rows, tokens, groups, served], both in float32, and the directions in which it is written and read [rows, tokens, groups, state].
struct ScanInputs {
  mlx::core::array added, fading, writes, reads;
};

struct Scanned {
  /// [rows, tokens, groups, served, head dim] in float32
  mlx::core::array read;
  /// [rows, groups, served, head dim, state]
  mlx::core::array state;
};

/// Lets a state fade, adds to it and reads it, token by token.
Scanned scan(const ScanInputs& inputs, const mlx::core::array& before);

/// RMS norm of each of several parts of the last dimension.
mlx::core::array grouped_norm(const mlx::core::array& x, const mlx::core::array& weight, int groups, float epsilon);

}  // namespace exo

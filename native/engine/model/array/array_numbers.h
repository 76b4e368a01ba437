#pragma once

#include <mlx/mlx.h>

namespace exo {

/// cap * tanh(x / cap).
inline mlx::core::array soft_capped(const mlx::core::array& x, float cap) {
  const auto number = mlx::core::array(cap, x.dtype());
  return mlx::core::multiply(mlx::core::tanh(mlx::core::divide(x, number)), number);
}

}  // namespace exo

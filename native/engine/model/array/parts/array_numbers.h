#pragma once

#include <mlx/mlx.h>

#include "../../activation_numbers.h"

namespace exo {

/// cap * tanh(x / cap).
inline mlx::core::array soft_capped(const mlx::core::array& x, float cap) {
  const auto number = mlx::core::array(cap, x.dtype());
  return mlx::core::multiply(mlx::core::tanh(mlx::core::divide(x, number)), number);
}

/// GELU by tanh.
inline mlx::core::array gelu_tanh(const mlx::core::array& x) {
  namespace mx = mlx::core;
  const auto number = [&](float value) { return mx::array(value, x.dtype()); };
  const auto cubed = mx::power(x, number(3));
  const auto inner =
      mx::multiply(number(activation_numbers::kGeluRoot), mx::add(x, mx::multiply(number(activation_numbers::kGeluCubic), cubed)));
  return mx::multiply(mx::multiply(number(0.5f), x), mx::add(number(1), mx::tanh(inner)));
}

/// Columns of a matrix from `begin` to `end`.
inline mlx::core::array columns_of(const mlx::core::array& x, int begin, int end) {
  return mlx::core::slice(x, {0, begin}, {x.shape(0), end});
}

}  // namespace exo

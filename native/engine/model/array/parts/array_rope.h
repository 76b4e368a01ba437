#pragma once

#include <mlx/mlx.h>

#include "array_step.h"
#include "../../decoder_spec.h"

namespace exo {

/// Rotary positions in MLX operations.
class ArrayRope {
 public:
  explicit ArrayRope(const RopeSpec& spec);

  /// @param x [1, heads, tokens, dim], consecutive tokens from `position` on
  mlx::core::array turn(const mlx::core::array& x, int position) const;
  /// @param x [count, heads, 1, dim], each row at its own position
  mlx::core::array turn_each(const mlx::core::array& x, const DecodeRows& rows) const;
  /// The factor on a head of `dim` numbers that `turn` leaves out. It is squared and
  /// applied in the attention's scale instead of to each head.
  float left_out(int dim) const { return dim == dims_ ? magnitude_ : 1; }

 private:
  mlx::core::array scaled(const mlx::core::array& x) const;

  int dims_;
  bool is_interleaved_;
  float position_scale_, magnitude_;
  mlx::core::array lengths_;
};

}  // namespace exo

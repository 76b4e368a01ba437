#pragma once

#include <mlx/mlx.h>

namespace exo {

/// Numbers as if they had been stored in 8 bits (e4m3), with a power of two as the scale of `group` consecutive ones; unchanged if
/// the group does not divide the last dimension.
mlx::core::array rounded_to_fp8(const mlx::core::array& x, int group);
/// The same in 4 bits (e2m1). @param has_float_scale the scale is an e4m3 and not a power of two
mlx::core::array rounded_to_fp4(const mlx::core::array& x, int group, bool has_float_scale);

}  // namespace exo

#include "rounded_numbers.h"

#include <cmath>

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr float kLargestFp8 = 448, kLargestFp4 = 6;
/// The least number whose scale is not 0: of 8 bits, of 4 bits with a power of two, and with an e4m3 (2^-9 is its least).
constexpr float kLeastFp8 = 1e-4f, kLeastFp4 = 6 * 0x1p-126f, kLeastFloatScaled = 6 * 0x1p-9f;

mx::array groups_of(const mx::array& x, int group) { return mx::unflatten(mx::astype(x, mx::float32), -1, {-1, group}); }
mx::array largest_of(const mx::array& groups, float least) { return mx::maximum(mx::max(mx::abs(groups), -1, true), mx::array(least)); }
mx::array power_of_two(const mx::array& least) { return mx::power(mx::array(2.0f), mx::ceil(mx::log2(least))); }
mx::array as_fp8(const mx::array& x) { return mx::from_fp8(mx::to_fp8(x), mx::float32); }

/// Rounds to 0, 0.5, 1, 1.5, 2, 3, 4 and 6; what lies in the middle goes to the even one.
mx::array as_fp4(const mx::array& x) {
  const auto size = mx::abs(x);
  const auto half_steps = mx::divide(mx::round(mx::multiply(size, mx::array(2.0f))), mx::array(2.0f));
  const auto twos = mx::multiply(mx::round(mx::divide(size, mx::array(2.0f))), mx::array(2.0f));
  const auto small = mx::where(mx::less_equal(size, mx::array(2.0f)), half_steps, mx::round(size));
  // Above 5 comes 6, and from 3.5 to 5 comes 4.
  const auto large =
      mx::where(mx::greater(size, mx::array(5.0f)), mx::array(6.0f), mx::where(mx::greater(size, mx::array(4.0f)), mx::array(4.0f), twos));
  return mx::multiply(mx::sign(x), mx::where(mx::less(size, mx::array(3.5f)), small, large));
}

}  // namespace

mx::array rounded_to_fp8(const mx::array& x, int group) {
  if (x.shape(-1) % group != 0) return x;
  const auto groups = groups_of(x, group);
  const auto scale = power_of_two(mx::divide(largest_of(groups, kLeastFp8), mx::array(kLargestFp8)));
  const auto rounded = as_fp8(mx::clip(mx::divide(groups, scale), mx::array(-kLargestFp8), mx::array(kLargestFp8)));
  return mx::astype(mx::flatten(mx::multiply(rounded, scale), -2, -1), x.dtype());
}

mx::array rounded_to_fp4(const mx::array& x, int group, bool has_float_scale) {
  if (x.shape(-1) % group != 0) return x;
  const auto groups = groups_of(x, group);
  const auto least = mx::divide(largest_of(groups, has_float_scale ? kLeastFloatScaled : kLeastFp4), mx::array(kLargestFp4));
  const auto scale = has_float_scale ? as_fp8(least) : power_of_two(least);
  const auto rounded = as_fp4(mx::clip(mx::divide(groups, scale), mx::array(-kLargestFp4), mx::array(kLargestFp4)));
  return mx::astype(mx::flatten(mx::multiply(rounded, scale), -2, -1), x.dtype());
}

}  // namespace exo

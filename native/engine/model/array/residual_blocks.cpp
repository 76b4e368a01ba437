#include "residual_blocks.h"

namespace mx = mlx::core;

namespace exo {

mx::array mix_vector(const ResidualMixSpec& spec, ArrayLoader& loader) {
  const auto vector = mx::multiply(loader.vector(spec.norm, mx::float32), loader.vector(spec.projection, mx::float32));
  mx::eval(vector);
  return vector;
}

ResidualBlocks::ResidualBlocks(std::vector<mx::array> blocks, float epsilon) : epsilon_(epsilon) {
  for (const auto& block : blocks) add(block);
}

void ResidualBlocks::add(const mx::array& state) {
  blocks_.push_back(state);
  const auto one = mx::expand_dims(state, 0), size = mx::expand_dims(inverse_size(mx::astype(state, mx::float32)), 0);
  stacked_ = stacked_ ? mx::concatenate({*stacked_, one}, 0) : one;
  inverse_sizes_ = inverse_sizes_ ? mx::concatenate({*inverse_sizes_, size}, 0) : size;
}

mx::array ResidualBlocks::mixed(const mx::array& state, const std::optional<mx::array>& vector) const {
  if (!vector || !stacked_) return state;
  const auto wide = mx::astype(state, mx::float32);
  const auto own = mx::multiply(mx::matmul(wide, *vector), inverse_size(wide));
  const auto earlier = mx::multiply(mx::matmul(mx::astype(*stacked_, mx::float32), *vector), *inverse_sizes_);
  const auto weights = mx::expand_dims(mx::softmax(mx::concatenate({earlier, mx::expand_dims(own, 0)}, 0), 0, true), -1);
  const auto parts = mx::split(weights, mx::Shape{static_cast<int>(blocks_.size())}, 0);
  const auto sum = mx::add(mx::sum(mx::multiply(parts[0], *stacked_), 0), mx::multiply(mx::squeeze(parts[1], 0), state));
  return mx::astype(sum, state.dtype());
}

mx::array ResidualBlocks::inverse_size(const mx::array& wide) const {
  return mx::rsqrt(mx::add(mx::mean(mx::square(wide), -1), mx::array(epsilon_)));
}

}  // namespace exo

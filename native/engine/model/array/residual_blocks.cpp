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
  const auto one = mx::expand_dims(state, 0);
  stacked_ = stacked_ ? mx::concatenate({*stacked_, one}, 0) : one;
}

mx::array ResidualBlocks::mixed(const mx::array& state, const std::optional<mx::array>& vector) const {
  if (!vector || !stacked_) return state;
  const auto all = mx::concatenate({*stacked_, mx::expand_dims(state, 0)}, 0);
  const auto logits = mx::sum(mx::fast::rms_norm(mx::astype(all, mx::float32), vector, epsilon_), -1, true);
  return mx::astype(mx::sum(mx::multiply(mx::softmax(logits, 0, true), all), 0), state.dtype());
}

}  // namespace exo

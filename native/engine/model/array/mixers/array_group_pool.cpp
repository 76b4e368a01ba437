#include "array_group_pool.h"

#include <limits>

namespace mx = mlx::core;

namespace exo {

ArrayGroupPool::ArrayGroupPool(const GroupPoolSpec& spec, int dim, float epsilon, ArrayLoader& loader)
    : tokens_(spec.tokens),
      dim_(dim),
      are_overlapping_(spec.are_overlapping),
      epsilon_(epsilon),
      key_value_(loader.matrix(spec.key_value, mx::float32)),
      gate_(spec.gate ? std::optional(loader.matrix(*spec.gate, mx::float32)) : std::nullopt),
      gate_bias_(spec.gate_bias ? std::optional(mx::reshape(loader.vector(*spec.gate_bias, mx::float32), {tokens_, -1})) : std::nullopt),
      norm_(loader.vector(spec.norm, mx::float32)) {}

KeptTokens ArrayGroupPool::sources_of(const mx::array& input) const {
  const auto wide = mx::astype(input, mx::float32);
  const auto kept = [&](const ArrayMatrix& matrix) { return mx::expand_dims(matrix.multiply(wide), std::vector<int>{0, 1}); };
  if (!gate_) return {kept(key_value_)};
  return {kept(key_value_), kept(*gate_)};
}

mx::array ArrayGroupPool::pooled(const KeptTokens& sources, int groups, mx::Dtype type) const {
  auto weighted = grouped(by_group(sources[0]), groups, 0);
  if (gate_) {
    auto gates = by_group(sources[1]);
    if (gate_bias_) gates = mx::add(gates, *gate_bias_);
    weighted = mx::multiply(weighted, mx::softmax(grouped(gates, groups, -std::numeric_limits<float>::infinity()), 1));
  }
  return mx::fast::rms_norm(mx::astype(mx::sum(weighted, 1), type), norm_, epsilon_);
}

mx::array ArrayGroupPool::by_group(const mx::array& tokens) const {
  return mx::reshape(tokens, {tokens.shape(2) / tokens_, tokens_, tokens.shape(3)});
}

mx::array ArrayGroupPool::grouped(const mx::array& held, int groups, float before) const {
  if (!are_overlapping_) return held;
  const int count = held.shape(0);
  const auto own = mx::slice(held, {count - groups, 0, dim_}, {count, tokens_, 2 * dim_});
  const auto earlier = [&](int end) { return mx::slice(held, {0, 0, 0}, {end, tokens_, dim_}); };
  if (count > groups) return mx::concatenate({earlier(groups), own}, 1);
  const auto none = mx::full({1, tokens_, dim_}, mx::array(before, held.dtype()));
  return mx::concatenate({groups > 1 ? mx::concatenate({none, earlier(groups - 1)}, 0) : none, own}, 1);
}

}  // namespace exo

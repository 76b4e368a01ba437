#include "array_grouped_attention.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// What a token sees of `total` positions when only the last `window` before it count: [tokens, total].
mx::array window_mask(int position, int tokens, int window) {
  const auto row = mx::expand_dims(mx::arange(position, position + tokens, mx::int32), 1);
  const auto column = mx::expand_dims(mx::arange(position + tokens, mx::int32), 0);
  return mx::logical_and(mx::less_equal(column, row), mx::greater(column, mx::subtract(row, mx::array(window))));
}

}  // namespace

ArrayGroupedAttention::ArrayGroupedAttention(const AttentionSpec& spec, const ArrayRope& rope, float epsilon, ArrayLoader& loader,
                                             const std::function<mx::array(const TensorSource&)>& norm)
    : spec_(spec),
      rope_(rope),
      epsilon_(epsilon),
      query_norm_(spec.query_norm ? std::optional(norm(*spec.query_norm)) : std::nullopt),
      key_norm_(spec.key_norm ? std::optional(norm(*spec.key_norm)) : std::nullopt),
      sinks_(spec.sinks ? std::optional(loader.vector(*spec.sinks)) : std::nullopt) {}

mx::array ArrayGroupedAttention::attend(const mx::array& projected, const PlanSegment& segment, LayerArrays& cache) const {
  const int tokens = segment.tokens, position = segment.position, end = position + tokens;
  const auto all_heads = mx::reshape(projected, {tokens, spec_.heads + 2 * spec_.kv_heads, spec_.head_dim});
  // [tokens, heads, dim] -> [1, heads, tokens, dim]
  const auto heads = [&](int from, int to) {
    return mx::expand_dims(mx::transpose(mx::slice(all_heads, {0, from, 0}, {tokens, to, spec_.head_dim}), {1, 0, 2}), 0);
  };
  auto queries = heads(0, spec_.heads), keys = heads(spec_.heads, spec_.heads + spec_.kv_heads);
  const auto values = heads(spec_.heads + spec_.kv_heads, spec_.heads + 2 * spec_.kv_heads);
  if (query_norm_) queries = mx::fast::rms_norm(queries, *query_norm_, epsilon_);
  if (key_norm_) keys = mx::fast::rms_norm(keys, *key_norm_, epsilon_);
  cache.append(rope_.turn(keys, position), values, position);

  const bool is_windowed = spec_.window > 0 && end > spec_.window;
  // One token alone sees exactly its window; several need a mask.
  const int begin = is_windowed && tokens == 1 ? end - spec_.window : 0;
  const auto seen = [&](const mx::array& held) { return mx::slice(held, {0, 0, begin, 0}, {1, held.shape(1), end, held.shape(3)}); };
  const bool needs_mask = is_windowed && tokens > 1;
  const auto mask = needs_mask ? std::optional(window_mask(position, tokens, spec_.window)) : std::nullopt;
  const auto attended = mx::fast::scaled_dot_product_attention(rope_.turn(queries, position), seen(*cache.keys), seen(*cache.values),
                                                               spec_.scale, tokens > 1 && !needs_mask ? "causal" : "", mask, sinks_);
  return mx::reshape(mx::transpose(attended, {0, 2, 1, 3}), {tokens, spec_.heads * spec_.head_dim});
}

}  // namespace exo

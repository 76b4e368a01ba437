#include "array_grouped_attention.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

ArrayGroupedAttention::ArrayGroupedAttention(const AttentionSpec& spec, const ArrayRope& rope, float epsilon, ArrayLoader& loader,
                                             const std::function<mx::array(const TensorSource&)>& norm)
    : spec_(spec),
      rope_(rope),
      epsilon_(epsilon),
      query_norm_(spec.query_norm ? std::optional(norm(*spec.query_norm)) : std::nullopt),
      key_norm_(spec.key_norm ? std::optional(norm(*spec.key_norm)) : std::nullopt),
      sinks_(spec.sinks ? std::optional(loader.vector(*spec.sinks)) : std::nullopt) {}

mx::array ArrayGroupedAttention::attend_each(const mx::array& projected, const DecodeRows& rows, size_t layer) const {
  const int count = rows.count();
  const auto all_heads = mx::reshape(projected, {count, spec_.heads + 2 * spec_.kv_heads, 1, spec_.head_dim});
  const auto heads = [&](int from, int to) { return mx::slice(all_heads, {0, from, 0, 0}, {count, to, 1, spec_.head_dim}); };
  const auto keys = normed(heads(spec_.heads, spec_.heads + spec_.kv_heads), key_norm_);
  rows.append(layer, rope_.turn_each(keys, rows), heads(spec_.heads + spec_.kv_heads, spec_.heads + 2 * spec_.kv_heads));
  const auto queries = rows.spread(rope_.turn_each(normed(heads(0, spec_.heads), query_norm_), rows));
  const auto& held = rows.cache().layer(layer);
  const auto attended =
      mx::fast::scaled_dot_product_attention(queries, rows.seen(*held.keys, spec_.window), rows.seen(*held.values, spec_.window),
                                             spec_.scale, "", rows.mask(spec_.window), sinks_);
  return mx::reshape(rows.gather(attended), {count, spec_.heads * spec_.head_dim});
}

mx::array ArrayGroupedAttention::attend(const mx::array& projected, ArrayStep& step, size_t run, size_t layer) const {
  const auto& [place, position, tokens, first_row] = step.runs()[run];
  const int count = tokens, end = position + tokens;
  const auto all_heads = mx::reshape(projected, {1, count, spec_.heads + 2 * spec_.kv_heads, spec_.head_dim});
  // [1, tokens, heads, dim] -> [1, heads, tokens, dim]
  const auto heads = [&](int from, int to) {
    return mx::swapaxes(mx::slice(all_heads, {0, 0, from, 0}, {1, count, to, spec_.head_dim}), 1, 2);
  };
  const auto keys = normed(heads(spec_.heads, spec_.heads + spec_.kv_heads), key_norm_);
  place.rows->append(layer, place.row, position, rope_.turn(keys, position),
                     heads(spec_.heads + spec_.kv_heads, spec_.heads + 2 * spec_.kv_heads));
  const auto queries = rope_.turn(normed(heads(0, spec_.heads), query_norm_), position);
  // The first token's window begins here: nothing before it is read.
  const int begin = spec_.window > 0 ? std::max(0, position - spec_.window + 1) : 0;
  const bool is_windowed = spec_.window > 0 && end > spec_.window;
  const auto mask = is_windowed ? std::optional(step.window_mask(run, spec_.window, begin)) : std::nullopt;
  const auto& held = place.rows->layer(layer);
  const auto seen = [&](const mx::array& all) { return CacheRows::tokens_of(all, place.row, begin, end); };
  const auto attended = mx::fast::scaled_dot_product_attention(queries, seen(*held.keys), seen(*held.values), spec_.scale,
                                                               is_windowed ? "" : "causal", mask, sinks_);
  return mx::reshape(mx::swapaxes(attended, 1, 2), {count, spec_.heads * spec_.head_dim});
}

mx::array ArrayGroupedAttention::normed(const mx::array& heads, const std::optional<mx::array>& norm) const {
  return norm ? mx::fast::rms_norm(heads, *norm, epsilon_) : heads;
}

}  // namespace exo

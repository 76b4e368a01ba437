#include "array_grouped_attention.h"

#include <algorithm>
#include <stdexcept>

#include "../parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// The magnitude that ArrayRope leaves to the attention's scale. It is 1 if a norm after the rotation would cancel it.
float left_out(const AttentionSpec& spec, const ArrayRope& rope, bool has_norm) {
  return has_norm && spec.is_normed_after_rotation ? 1 : rope.left_out(spec.head_dim);
}

}  // namespace

ArrayGroupedAttention::ArrayGroupedAttention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, ArrayLoader& loader,
                                             const NormLoader& norms, int kept_bits)
    : spec_(spec),
      kept_format_(kept_format(spec.head_dim, spec.value_dim, kept_bits)),
      rope_(ropes[static_cast<size_t>(spec.rope)]),
      scale_(spec.scale * left_out(spec, rope_, spec.query_norm.has_value()) * left_out(spec, rope_, spec.key_norm.has_value())),
      epsilon_(norms.epsilon()),
      query_norm_(spec.query_norm ? std::optional(norms.weight(*spec.query_norm)) : std::nullopt),
      key_norm_(spec.key_norm ? std::optional(norms.weight(*spec.key_norm)) : std::nullopt),
      sinks_(spec.sinks ? std::optional(loader.vector(*spec.sinks)) : std::nullopt) {
  const auto& index = spec.block_index;
  if (index) index_.emplace(*index, spec.heads, spec.head_dim, ropes[static_cast<size_t>(index->rope)], norms);
}

mx::array ArrayGroupedAttention::own_columns(const mx::array& projected) const {
  return index_ ? columns_of(projected, 0, projected.shape(1) - index_->projected_width()) : projected;
}

mx::array ArrayGroupedAttention::index_columns(const mx::array& projected) const {
  return columns_of(projected, projected.shape(1) - index_->projected_width(), projected.shape(1));
}

mx::array ArrayGroupedAttention::normalize_rows(const mx::array& projected, const AllSum& all_sum) const {
  if (spec_.normed_query_width == 0) return projected;
  const int rows = projected.shape(0), queries_end = spec_.heads * spec_.head_dim, keys_end = queries_end + spec_.kv_heads * spec_.head_dim;
  const auto queries = mx::slice(projected, {0, 0}, {rows, queries_end}), keys = mx::slice(projected, {0, queries_end}, {rows, keys_end});
  const auto others = mx::slice(projected, {0, keys_end}, projected.shape());
  if (!all_sum) {
    return mx::concatenate({mx::fast::rms_norm(queries, query_norm_, epsilon_), mx::fast::rms_norm(keys, key_norm_, epsilon_), others}, -1);
  }
  const auto squares = [](const mx::array& x) { return mx::sum(mx::square(mx::astype(x, mx::float32)), -1, true); };
  const auto sums = all_sum(mx::concatenate({squares(queries), squares(keys)}, -1));
  const auto normalize = [&](const mx::array& x, const mx::array& weight, int column, int width) {
    const auto sum = mx::slice(sums, {0, column}, {rows, column + 1});
    const auto factor = mx::rsqrt(mx::add(mx::divide(sum, mx::array(static_cast<float>(width))), mx::array(epsilon_)));
    return mx::multiply(mx::astype(mx::multiply(mx::astype(x, mx::float32), factor), x.dtype()), weight);
  };
  return mx::concatenate(
      {normalize(queries, *query_norm_, 0, spec_.normed_query_width), normalize(keys, *key_norm_, 1, spec_.normed_key_width), others}, -1);
}

ArrayGroupedAttention::Heads ArrayGroupedAttention::split(const mx::array& projected, bool is_run) const {
  const int count = projected.shape(0), axis = is_run ? 2 : 1;
  const auto shape = [&](int heads, int dim) { return is_run ? mx::Shape{1, count, heads, dim} : mx::Shape{count, heads, 1, dim}; };
  const int query_heads = spec_.heads, key_heads = spec_.kv_heads;
  if (spec_.keys_of >= 0) {
    const auto queries = mx::reshape(projected, shape(query_heads, spec_.head_dim));
    return {queries, queries, queries};
  }
  if (!spec_.are_values_keys && spec_.value_dim == spec_.head_dim && spec_.gate == OutputGate::None) {
    const auto all = mx::reshape(projected, shape(query_heads + 2 * key_heads, spec_.head_dim));
    const auto part = [&](int from, int to) {
      auto begin = mx::Shape{0, 0, 0, 0}, end = all.shape();
      begin[static_cast<size_t>(axis)] = from, end[static_cast<size_t>(axis)] = to;
      return mx::slice(all, begin, end);
    };
    return {part(0, query_heads), part(query_heads, query_heads + key_heads), part(query_heads + key_heads, query_heads + 2 * key_heads)};
  }
  const auto columns = [&](int begin, int heads, int dim) {
    return mx::reshape(mx::slice(projected, {0, begin}, {count, begin + heads * dim}), shape(heads, dim));
  };
  const int keys_begin = query_heads * spec_.head_dim;
  const int values_begin = spec_.are_values_keys && !spec_.are_keys_received ? keys_begin : keys_begin + key_heads * spec_.head_dim;
  return {columns(0, query_heads, spec_.head_dim), columns(keys_begin, key_heads, spec_.head_dim),
          columns(values_begin, key_heads, spec_.value_dim)};
}

mx::array ArrayGroupedAttention::attend_each(const mx::array& all, const DecodeRows& rows, size_t layer) const {
  const int count = rows.count();
  const auto projected = own_columns(all);
  const auto [all_queries, all_keys, all_values] = split(projected, false);
  const auto turn = [&](const mx::array& x) { return rope_.turn_each(x, rows); };
  std::vector<mx::array> results;
  if (spec_.keys_of < 0) {
    auto kept = kept_of(all_keys, all_values, turn);
    if (index_) {
      const auto keys = index_->rope().turn_each(index_->keys_of(index_columns(all)), rows);
      kept.keys = mx::concatenate({kept.keys, index_->as_head(keys)}, 1);
    }
    rows.append(layer, packed(kept));
    if (spec_.are_keys_sent) results = {mx::reshape(kept.keys, {count, -1}), mx::reshape(kept.values, {count, -1})};
  }
  auto own = placed(all_queries, query_norm_, turn);
  if (spec_.growth.beta != 0) {
    std::vector<float> growth;
    for (const auto& token : rows.tokens()) growth.push_back(spec_.growth.at(token.position));
    own = mx::multiply(own, mx::astype(mx::array(growth.data(), {count, 1, 1, 1}, mx::float32), own.dtype()));
  }
  const auto queries = rows.spread(own);
  const auto& held = rows.cache().layer(layer);
  const auto keys_seen = rows.seen(held.keys, spec_.window), values_seen = rows.seen(held.values, spec_.window);
  const auto mask = rows.mask(spec_.window);
  const auto attend_some = [&] {
    if (!index_) return attend_to(queries, keys_seen, values_seen, "", mask);
    const auto index_queries = rows.spread(index_->rope().turn_each(index_->queries_of(index_columns(all)), rows));
    const auto positions = rows.spread(mx::reshape(rows.positions(), {count, 1, 1, 1}));
    return attend_to_blocks(queries, index_queries, keys_seen, values_seen, positions, mask ? *mask : mx::array(true));
  };
  const auto attended = attend_some();
  results.insert(results.begin(), apply_gate(mx::reshape(rows.gather(attended), {count, spec_.heads * spec_.value_dim}), projected));
  return results.size() == 1 ? results[0] : mx::concatenate(std::move(results), -1);
}

mx::array ArrayGroupedAttention::attend(const mx::array& all, AttendedTokens& step, size_t run, size_t layer) const {
  const auto& [place, position, tokens, first_row] = step.runs()[run];
  const auto projected = own_columns(all);
  const int count = tokens, end = position + tokens, first = position;
  const auto parts = split(projected, true);
  // [1, tokens, heads, dim] -> [1, heads, tokens, dim]
  const auto by_head = [](const mx::array& x) { return mx::swapaxes(x, 1, 2); };
  const auto queries_before = by_head(parts.queries);
  const auto turn = [&](const mx::array& x) { return rope_.turn(x, first); };
  std::vector<mx::array> results;
  if (spec_.keys_of < 0) {
    auto kept = kept_of(by_head(parts.keys), by_head(parts.values), turn);
    if (index_) {
      const auto keys = index_->rope().turn(mx::swapaxes(index_->keys_of(index_columns(all)), 0, 2), first);
      kept.keys = mx::concatenate({kept.keys, index_->as_head(keys)}, 1);
    }
    place.rows->append(layer, place.row, position - place.first, packed(kept));
    if (spec_.are_keys_sent) results = {mx::reshape(by_head(kept.keys), {count, -1}), mx::reshape(by_head(kept.values), {count, -1})};
  }
  auto queries = placed(queries_before, query_norm_, turn);
  if (spec_.growth.beta != 0) {
    std::vector<float> growth;
    for (int i = 0; i < count; ++i) growth.push_back(spec_.growth.at(first + i));
    queries = mx::multiply(queries, mx::astype(mx::array(growth.data(), {count, 1}, mx::float32), queries.dtype()));
  }
  // Nothing before the first token's window is read.
  const int begin = spec_.window > 0 ? std::max(0, position - spec_.window + 1) : 0;
  const bool is_windowed = spec_.window > 0 && end > spec_.window;
  const bool needs_mask = is_windowed || spec_.soft_cap > 0;
  const auto mask = needs_mask ? std::optional(step.window_mask(run, is_windowed ? spec_.window : end, begin)) : std::nullopt;
  const auto& held = place.rows->layer(layer);
  const auto seen = [&, row = place.row, first_held = place.first](const KeptTokens& kept) {
    return CacheRows::tokens_of(kept, row, begin - first_held, end - first_held);
  };
  const auto attend_some = [&] {
    if (!index_) return attend_to(queries, seen(held.keys), seen(held.values), is_windowed ? "" : "causal", mask);
    const auto index_queries = index_->rope().turn(mx::swapaxes(index_->queries_of(index_columns(all)), 0, 2), first);
    const auto positions = mx::reshape(mx::arange(first, end, mx::int32), {1, 1, count, 1});
    return attend_to_blocks(queries, index_queries, seen(held.keys), seen(held.values), positions, step.window_mask(run, end, 0));
  };
  const auto attended = attend_some();
  results.insert(results.begin(), apply_gate(mx::reshape(by_head(attended), {count, spec_.heads * spec_.value_dim}), projected));
  return results.size() == 1 ? results[0] : mx::concatenate(std::move(results), -1);
}

mx::array ArrayGroupedAttention::normed(const mx::array& heads, const std::optional<mx::array>& norm) const {
  if (spec_.are_heads_normed) return mx::fast::rms_norm(heads, std::nullopt, epsilon_);
  return norm && spec_.normed_query_width == 0 ? mx::fast::rms_norm(heads, norm, epsilon_) : heads;
}

mx::array ArrayGroupedAttention::placed(const mx::array& heads, const std::optional<mx::array>& norm,
                                        const std::function<mx::array(const mx::array&)>& turn) const {
  return spec_.is_normed_after_rotation ? normed(turn(heads), norm) : turn(normed(heads, norm));
}

ArrayGroupedAttention::Kept ArrayGroupedAttention::kept_of(const mx::array& keys, const mx::array& values,
                                                           const std::function<mx::array(const mx::array&)>& turn) const {
  if (spec_.are_keys_received) return {keys, values};
  const auto normed_values = spec_.are_values_normed ? mx::fast::rms_norm(values, std::nullopt, epsilon_) : values;
  return {placed(keys, key_norm_, turn),
          spec_.value_scale == 1 ? normed_values : mx::multiply(normed_values, mx::array(spec_.value_scale, values.dtype()))};
}

LayerArrays ArrayGroupedAttention::packed(const Kept& kept) const {
  return {pack_tokens(kept.keys, kept_format_), pack_tokens(kept.values, kept_format_)};
}

mx::array ArrayGroupedAttention::attend_to_blocks(const mx::array& queries, const mx::array& index_queries, const KeptTokens& kept_keys,
                                                  const KeptTokens& kept_values, const mx::array& positions, const mx::array& mask) const {
  const auto all_keys = unpack_tokens(kept_keys, spec_.head_dim, queries.dtype());
  const auto values = unpack_tokens(kept_values, spec_.value_dim, queries.dtype());
  const int seen = all_keys.shape(2), heads = spec_.kv_heads;
  const auto head_range = [&](int begin, int end) {
    return mx::slice(all_keys, {0, begin, 0, 0}, {all_keys.shape(0), end, seen, all_keys.shape(3)});
  };
  const auto choice = index_->chooses_among(seen) ? index_->choice(index_queries, head_range(heads, heads + 1), positions, mask) : mask;
  return mx::fast::scaled_dot_product_attention(queries, head_range(0, heads), values, scale_, "", choice);
}

mx::array ArrayGroupedAttention::attend_to(const mx::array& queries, const KeptTokens& kept_keys, const KeptTokens& kept_values,
                                           const std::string& mode, const std::optional<mx::array>& mask) const {
  // A single token reads less memory if nothing is unpacked. For many tokens, unpacking once costs little.
  if (kept_keys.size() > 1 && queries.shape(2) == 1 && !sinks_ && spec_.soft_cap == 0) {
    return attend_to_packed(queries, kept_keys, kept_values, spec_.value_dim, scale_, mask);
  }
  const auto keys = unpack_tokens(kept_keys, spec_.head_dim, queries.dtype());
  const auto values = unpack_tokens(kept_values, spec_.value_dim, queries.dtype());
  return spec_.soft_cap > 0 ? attend_capped(queries, keys, values, mask)
                            : mx::fast::scaled_dot_product_attention(queries, keys, values, scale_, mode, mask, sinks_);
}

mx::array ArrayGroupedAttention::attend_capped(const mx::array& queries, const mx::array& keys, const mx::array& values,
                                               const std::optional<mx::array>& mask) const {
  const int rows = queries.shape(0), tokens = queries.shape(2), group = spec_.heads / spec_.kv_heads;
  const auto scaled = mx::multiply(queries, mx::array(scale_, queries.dtype()));
  const auto grouped = mx::reshape(scaled, {rows, spec_.kv_heads, group, tokens, spec_.head_dim});
  auto scores = soft_capped(mx::matmul(grouped, mx::swapaxes(mx::expand_dims(keys, 2), -1, -2)), spec_.soft_cap);
  if (mask) {
    const auto counts = mask->ndim() == 4 ? mx::expand_dims(*mask, 2) : *mask;
    scores = mx::where(counts, scores, mx::array(mx::finfo(scores.dtype()).min, scores.dtype()));
  }
  return mx::reshape(mx::matmul(mx::softmax(scores, -1, true), mx::expand_dims(values, 2)), {rows, spec_.heads, tokens, spec_.value_dim});
}

mx::array ArrayGroupedAttention::apply_gate(const mx::array& attended, const mx::array& projected) const {
  if (spec_.gate == OutputGate::None) return attended;
  const int tokens = attended.shape(0), begin = (spec_.heads + spec_.kv_heads) * spec_.head_dim + spec_.kv_heads * spec_.value_dim;
  const auto gates = mx::slice(projected, {0, begin}, projected.shape());
  const auto per_head = [&](const mx::array& factors) {
    const auto results = mx::reshape(attended, {tokens, spec_.heads, spec_.value_dim});
    return mx::reshape(mx::multiply(results, mx::expand_dims(factors, -1)), attended.shape());
  };
  switch (spec_.gate) {
    case OutputGate::None: return attended;
    case OutputGate::HeadSigmoid: return per_head(mx::sigmoid(gates));
    case OutputGate::HeadSoftplus:
      return per_head(mx::astype(mx::logaddexp(mx::astype(gates, mx::float32), mx::array(0.0f)), gates.dtype()));
    case OutputGate::ElementSigmoid: return mx::multiply(attended, mx::sigmoid(gates));
  }
  throw std::invalid_argument("an output gate that the array path does not have");
}

}  // namespace exo

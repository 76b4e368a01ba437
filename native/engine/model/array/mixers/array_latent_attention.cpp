#include "array_latent_attention.h"

#include <limits>
#include <numeric>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Up to this many tokens at once attend directly to the latents of those before.
constexpr int kAbsorbedTokens = 8;

/// x[..., begin:end].
mx::array columns(const mx::array& x, int begin, int end) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start.back() = begin, stop.back() = end;
  return mx::slice(x, start, stop);
}

/// A causal mask [tokens, position + tokens]: true for positions up to the token's own.
mx::array earlier(int position, int tokens) {
  const auto row = mx::expand_dims(mx::arange(position, position + tokens, mx::int32), 1);
  return mx::less_equal(mx::arange(position + tokens, mx::int32), row);
}

}  // namespace

ArrayLatentAttention::ArrayLatentAttention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, ArrayLoader& loader,
                                           const NormLoader& norms)
    : heads_(spec.heads),
      gate_width_(spec.gate == OutputGate::None ? 0 : spec.heads * spec.latent->value_dim),
      scale_(spec.scale),
      spec_(*spec.latent),
      growth_(spec.growth),
      rope_(ropes[static_cast<size_t>(spec.rope)]),
      rotated_scale_(spec.scale * rope_.left_out(spec_.rotated_dim) * rope_.left_out(spec_.rotated_dim)),
      query_norm_(spec_.query_norm ? std::optional(norms.weight(*spec_.query_norm)) : std::nullopt),
      query_up_(spec_.query_up ? std::optional(loader.matrix(*spec_.query_up)) : std::nullopt),
      latent_norm_(norms.weight(spec_.latent_norm)),
      to_latent_(loader.stack(spec_.to_latent)),
      from_latent_(loader.stack(spec_.from_latent)) {
  if (spec_.index) index_.emplace(*spec_.index, ropes[static_cast<size_t>(spec_.index->rope)], loader);
}

mx::array ArrayLatentAttention::own_columns(const mx::array& projected) const {
  const int others = gate_width_ + (index_ ? index_->projected_width() : 0);
  return others > 0 ? columns(projected, 0, projected.shape(1) - others) : projected;
}

mx::array ArrayLatentAttention::index_columns(const mx::array& projected) const {
  const int end = projected.shape(1) - gate_width_;
  return columns(projected, end - index_->projected_width(), end);
}

mx::array ArrayLatentAttention::gated(const mx::array& attended, const mx::array& projected) const {
  if (gate_width_ == 0) return attended;
  return mx::multiply(attended, mx::sigmoid(columns(projected, projected.shape(1) - gate_width_, projected.shape(1))));
}

mx::array ArrayLatentAttention::narrow_queries_of(const mx::array& projected) const {
  const auto first = columns(projected, 0, projected.shape(1) - spec_.latent_dim - spec_.rotated_dim);
  return query_up_ ? mx::fast::rms_norm(first, query_norm_, spec_.epsilon) : first;
}

mx::array ArrayLatentAttention::queries_of(const mx::array& projected) const {
  const auto narrow = narrow_queries_of(projected);
  return query_up_ ? query_up_->multiply(narrow) : narrow;
}

ArrayLatentAttention::Parts ArrayLatentAttention::split(const mx::array& projected) const {
  const int width = projected.shape(1), tokens = projected.shape(0);
  const auto queries = mx::reshape(queries_of(projected), {tokens, heads_, 1, spec_.plain_dim + spec_.rotated_dim});
  const auto kept = mx::reshape(columns(projected, width - spec_.latent_dim - spec_.rotated_dim, width),
                                {tokens, 1, 1, spec_.latent_dim + spec_.rotated_dim});
  const auto of_query = mx::split(queries, mx::Shape{spec_.plain_dim}, -1), of_key = mx::split(kept, mx::Shape{spec_.latent_dim}, -1);
  return {of_query[0], of_query[1], mx::fast::rms_norm(of_key[0], latent_norm_, spec_.epsilon), of_key[1]};
}

ArrayLatentAttention::Parts ArrayLatentAttention::grown(Parts parts, const std::vector<int32_t>& positions, mx::Shape shape) const {
  if (growth_.beta == 0) return parts;
  std::vector<float> factors;
  for (const auto position : positions) factors.push_back(growth_.at(position));
  const auto by_token = mx::astype(mx::array(factors.data(), std::move(shape), mx::float32), parts.plain.dtype());
  return {mx::multiply(parts.plain, by_token), mx::multiply(parts.rotated, by_token), parts.latents, parts.keys};
}

mx::array ArrayLatentAttention::attend_each(const mx::array& all, const DecodeRows& rows, size_t layer) const {
  const int count = rows.count();
  const auto projected = own_columns(all);
  std::vector<int32_t> positions;
  for (const auto& token : rows.tokens()) positions.push_back(token.position);
  const auto parts = grown(split(projected), positions, {count, 1, 1, 1});
  const auto own_keys = rope_.turn_each(parts.keys, rows);
  rows.append(layer,
              {{parts.latents},
               {index_ ? mx::concatenate({own_keys, index_->rope().turn_each(index_->keys_of(index_columns(all)), rows)}, -1) : own_keys}});
  const auto& held = rows.cache().layer(layer);
  const auto values = rows.seen(held.values, 0)[0];
  auto latents = rows.seen(held.keys, 0)[0], keys = index_ ? columns(values, 0, spec_.rotated_dim) : values;
  auto mask = rows.mask(0);
  if (index_ && index_->chooses_among(keys.shape(2))) {
    const auto queries = rows.spread(index_->rope().turn_each(index_->queries_of(narrow_queries_of(projected)), rows));
    const auto weights = rows.spread(index_->weights_of(index_columns(all)));
    const auto own = columns(values, spec_.rotated_dim, values.shape(3));
    if (count == 1) {
      // One sequence reads the chosen tokens alone.
      const auto best = mx::flatten(index_->best(queries, weights, own, mask));
      latents = mx::take(latents, best, 2), keys = mx::take(keys, best, 2);
    } else {
      mask = index_->choice(queries, weights, own, mask);
    }
  }
  const auto rotated = rows.spread(rope_.turn_each(parts.rotated, rows));
  // Each head's matrix is applied to the rows of all sequences at once.
  const auto by_heads = [&](const mx::array& x) { return count == 1 ? x : mx::swapaxes(x, 0, 2); };
  const auto absorbed = rows.spread(by_heads(to_latent_.multiply_each(by_heads(parts.plain), !spec_.is_key_layout)));
  const auto attended = rows.gather(attend_to(absorbed, latents, latents, scores_of(rotated, keys, mask)));
  return gated(mx::reshape(by_heads(from_latent_.multiply_each(by_heads(attended), true)), {count, heads_ * spec_.value_dim}), all);
}

mx::array ArrayLatentAttention::attend(const mx::array& all, AttendedTokens& step, size_t run, size_t layer) const {
  const auto& [place, position, tokens, first_row] = step.runs()[run];
  const int end = position + tokens;
  const auto projected = own_columns(all);
  std::vector<int32_t> positions(static_cast<size_t>(tokens));
  std::iota(positions.begin(), positions.end(), position);
  const auto parts = grown(split(projected), positions, {static_cast<int>(tokens), 1, 1, 1});
  // [tokens, heads, 1, dim] -> [1, heads, tokens, dim]
  const auto in_one = [](const mx::array& x) { return mx::swapaxes(x, 0, 2); };
  const auto plain = in_one(parts.plain), rotated = rope_.turn(in_one(parts.rotated), position);
  const auto own_keys = rope_.turn(in_one(parts.keys), position);
  const auto turned = [&](const mx::array& x) { return index_->rope().turn(in_one(x), position); };
  place.rows->append(
      layer, place.row, position,
      {{in_one(parts.latents)}, {index_ ? mx::concatenate({own_keys, turned(index_->keys_of(index_columns(all)))}, -1) : own_keys}});
  const auto& held = place.rows->layer(layer);
  const auto latents = CacheRows::tokens_of(held.keys, place.row, 0, end)[0],
             values = CacheRows::tokens_of(held.values, place.row, 0, end)[0];
  const auto keys = index_ ? columns(values, 0, spec_.rotated_dim) : values;
  auto mask = earlier(position, tokens);
  if (index_ && index_->chooses_among(end)) {
    mask = index_->choice(turned(index_->queries_of(narrow_queries_of(projected))), in_one(index_->weights_of(index_columns(all))),
                          columns(values, spec_.rotated_dim, values.shape(3)), mask);
  }
  const auto scores = scores_of(rotated, keys, mask);
  // A head's matrix maps queries to the latents' space. Transposed, it maps latents to keys.
  const bool is_absorbed = tokens <= kAbsorbedTokens && position > 0;
  const auto attended =
      is_absorbed
          ? from_latent_.multiply_each(attend_to(to_latent_.multiply_each(plain, !spec_.is_key_layout), latents, latents, scores), true)
          : attend_to(plain, to_latent_.multiply_each(latents, spec_.is_key_layout), from_latent_.multiply_each(latents, true), scores);
  return gated(mx::reshape(in_one(attended), {static_cast<int>(tokens), heads_ * spec_.value_dim}), all);
}

mx::array ArrayLatentAttention::scores_of(const mx::array& rotated, const mx::array& keys, const std::optional<mx::array>& mask) const {
  const auto scores = mx::matmul(mx::multiply(rotated, mx::array(rotated_scale_, rotated.dtype())), mx::swapaxes(keys, -1, -2));
  return mask ? mx::where(*mask, scores, mx::array(-std::numeric_limits<float>::infinity(), scores.dtype())) : scores;
}

/// The products of the rotated parts are passed to the softmax as an additive mask.
mx::array ArrayLatentAttention::attend_to(const mx::array& queries, const mx::array& keys, const mx::array& values,
                                          const mx::array& scores) const {
  return mx::fast::scaled_dot_product_attention(queries, keys, values, scale_, "", scores);
}

}  // namespace exo

#include "array_latent_attention.h"

#include <limits>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Up to this many tokens of a sequence at once meet the latents themselves.
constexpr int kAbsorbedTokens = 8;

/// Rows [tokens, heads * dim] as [1, heads, tokens, dim].
mx::array by_head(const mx::array& rows, int heads) {
  return mx::expand_dims(mx::transpose(mx::reshape(rows, {rows.shape(0), heads, rows.shape(1) / heads}), {1, 0, 2}), 0);
}

/// The last dimension's part from `begin` to `end`.
mx::array columns(const mx::array& x, int begin, int end) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start.back() = begin, stop.back() = end;
  return mx::slice(x, start, stop);
}

/// `scores` [1, heads, tokens, position + tokens] with those of later positions made to count for nothing.
mx::array only_earlier(const mx::array& scores, int position, int tokens) {
  const auto row = mx::expand_dims(mx::arange(position, position + tokens, mx::int32), 1);
  const auto column = mx::expand_dims(mx::arange(position + tokens, mx::int32), 0);
  return mx::where(mx::less_equal(column, row), scores, mx::array(-std::numeric_limits<float>::infinity(), scores.dtype()));
}

}  // namespace

ArrayLatentAttention::ArrayLatentAttention(const AttentionSpec& spec, const ArrayRope& rope, ArrayLoader& loader,
                                           const std::function<mx::array(const TensorSource&)>& norm)
    : heads_(spec.heads),
      scale_(spec.scale),
      spec_(*spec.latent),
      rope_(rope),
      query_norm_(spec_.query_norm ? std::optional(norm(*spec_.query_norm)) : std::nullopt),
      query_up_(spec_.query_up ? std::optional(loader.matrix(*spec_.query_up)) : std::nullopt),
      latent_norm_(norm(spec_.latent_norm)),
      to_latent_(loader.stack(spec_.to_latent)),
      from_latent_(loader.stack(spec_.from_latent)) {}

mx::array ArrayLatentAttention::queries_of(const mx::array& projected) const {
  const auto first = columns(projected, 0, projected.shape(1) - spec_.latent_dim - spec_.rotated_dim);
  return query_up_ ? query_up_->multiply(mx::fast::rms_norm(first, *query_norm_, spec_.epsilon)) : first;
}

mx::array ArrayLatentAttention::attend(const mx::array& projected, const PlanSegment& segment, LayerArrays& cache) const {
  const int tokens = segment.tokens, position = segment.position, end = position + tokens, width = projected.shape(1);
  const auto queries = by_head(queries_of(projected), heads_);
  const auto plain = columns(queries, 0, spec_.plain_dim);
  const auto rotated = rope_.turn(columns(queries, spec_.plain_dim, spec_.plain_dim + spec_.rotated_dim), position);
  const auto kept = columns(projected, width - spec_.latent_dim - spec_.rotated_dim, width);
  const auto new_latents = mx::fast::rms_norm(columns(kept, 0, spec_.latent_dim), latent_norm_, spec_.epsilon);
  const auto new_keys = rope_.turn(by_head(columns(kept, spec_.latent_dim, spec_.latent_dim + spec_.rotated_dim), 1), position);
  cache.append(by_head(new_latents, 1), new_keys, position);

  const auto seen = [&](const mx::array& held) { return mx::slice(held, {0, 0, 0, 0}, {1, 1, end, held.shape(3)}); };
  const auto latents = seen(*cache.keys), keys = seen(*cache.values);
  auto scores = mx::matmul(mx::multiply(rotated, mx::array(scale_, rotated.dtype())), mx::swapaxes(keys, -1, -2));
  if (tokens > 1) scores = only_earlier(scores, position, tokens);
  // The rotated parts' products reach the softmax as a mask that is added.
  const auto attend_to = [&](const mx::array& query, const mx::array& key, const mx::array& value) {
    return mx::fast::scaled_dot_product_attention(query, key, value, scale_, "", scores);
  };
  // Queries times a head's matrix bring it to the latents; latents times it transposed are its keys.
  const bool is_absorbed = tokens <= kAbsorbedTokens;
  const auto attended =
      is_absorbed ? from_latent_.multiply_each(attend_to(to_latent_.multiply_each(plain, !spec_.is_key_layout), latents, latents), true)
                  : attend_to(plain, to_latent_.multiply_each(latents, spec_.is_key_layout), from_latent_.multiply_each(latents, true));
  return mx::reshape(mx::transpose(attended, {0, 2, 1, 3}), {tokens, heads_ * spec_.value_dim});
}

}  // namespace exo

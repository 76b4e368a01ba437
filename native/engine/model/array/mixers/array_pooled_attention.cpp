#include "array_pooled_attention.h"

#include <algorithm>
#include <tuple>

#include "../parts/array_numbers.h"
#include "../parts/rounded_numbers.h"

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int kTokensRoundedTogether = 32, kGroupsRoundedTogether = 16;

/// From [tokens, parts * dim] to [1, parts, tokens, dim].
mx::array by_part(const mx::array& rows, int tokens, int parts) {
  if (tokens == 1) return mx::reshape(rows, {1, parts, 1, -1});
  return mx::transpose(mx::reshape(rows, {1, tokens, parts, -1}), {0, 2, 1, 3});
}

/// The same back.
mx::array by_token(const mx::array& parts) {
  const int tokens = parts.shape(2);
  return mx::reshape(tokens == 1 ? parts : mx::transpose(parts, {0, 2, 1, 3}), {tokens, -1});
}

}  // namespace

ArrayPooledAttention::ArrayPooledAttention(const AttentionSpec& spec, const RopeSpec& rope, const std::optional<TokenGroupsSpec>& groups,
                                           ArrayLoader& loader, float epsilon)
    : heads_(spec.heads),
      head_dim_(spec.head_dim),
      window_(spec.window),
      scale_(spec.scale),
      epsilon_(epsilon),
      sees_groups_(spec.pooled->sees_groups),
      are_queries_normed_(spec.pooled->are_queries_normed),
      are_keys_rounded_(spec.pooled->are_keys_rounded),
      groups_(groups.value_or(TokenGroupsSpec{})),
      rope_(rope),
      query_norm_(loader.vector(spec.pooled->query_norm)),
      key_norm_(loader.vector(spec.pooled->key_norm)),
      sinks_(loader.vector(*spec.sinks, mx::float32)),
      query_up_(loader.matrix(spec.pooled->query_up)),
      output_groups_(loader.stack(spec.pooled->output_groups)) {
  const auto& [pool, index] = std::tie(spec.pooled->pool, spec.pooled->index);
  if (!groups) return;
  if (pool) {
    pool_.emplace(*pool, head_dim_, epsilon, loader);
    groups_.tokens = pool->tokens;
    if (!index) groups_.index_dim = 0;
  }
  if (index) index_.emplace(*index, groups_, rope_, epsilon, are_keys_rounded_, loader);
}

mx::array ArrayPooledAttention::run(const mx::array& input, const mx::array& projected, const GroupedSegment& segment,
                                    const CachePlace& window, size_t layer, const std::optional<CachePlace>& groups, size_t group_layer,
                                    SeenGroups& seen) const {
  const int tokens = segment.tokens, narrow_width = projected.shape(1) - head_dim_;
  const auto narrow = mx::fast::rms_norm(columns_of(projected, 0, narrow_width), query_norm_, epsilon_);
  auto by_head = by_part(query_up_.multiply(narrow), tokens, heads_);
  if (are_queries_normed_) by_head = mx::fast::rms_norm(by_head, std::nullopt, epsilon_);
  const auto normed = mx::fast::rms_norm(columns_of(projected, narrow_width, projected.shape(1)), key_norm_, epsilon_);
  const auto turned = rope_.turn(mx::reshape(normed, {1, 1, tokens, head_dim_}), segment.position);
  const auto key = are_keys_rounded_ ? rounded_to_fp8(turned, kTokensRoundedTogether) : turned;
  window.rows->append(layer, window.row, segment.position - window.first, {{key}, pool_ ? sources_of(input) : KeptTokens{}});
  const auto& held = window.rows->layer(layer);
  if (pool_) {
    keep_groups(completed(held.values, segment, window, input), groups_, segment, *groups, group_layer, seen);
    // Without an index, all groups are seen.
    seen.choice = std::nullopt;
  }
  if (index_) index_->choose(input, narrow, segment, seen);
  const int first = std::max(segment.position - window_ + 1, 0);
  const auto keys = CacheRows::tokens_of(held.keys, window.row, first - window.first, segment.end() - window.first)[0];
  const auto attended = attend(rope_.turn(by_head, segment.position), keys, segment, first, sees_groups_ ? seen : SeenGroups{});
  const auto results = by_token(rope_.turn(attended, segment.position, 1, true));
  return by_token(output_groups_.multiply_each(by_part(results, tokens, output_groups_.weight.shape(0)), true));
}

KeptTokens ArrayPooledAttention::sources_of(const mx::array& input) const {
  auto sources = pool_->sources_of(input);
  if (!index_ || !index_->pool()) return sources;
  const auto more = index_->pool()->sources_of(input);
  sources.insert(sources.end(), more.begin(), more.end());
  return sources;
}

mx::array ArrayPooledAttention::completed(const KeptTokens& sources, const GroupedSegment& segment, const CachePlace& window,
                                          const mx::array& input) const {
  const int size = groups_.tokens, begin = segment.position / size, end = segment.end() / size, count = end - begin;
  const int width = head_dim_ + groups_.index_dim;
  if (count == 0) return mx::zeros({segment.tokens, width}, input.dtype());
  const int first = pool_->first_token(begin);
  const auto parts = CacheRows::tokens_of(sources, window.row, first - window.first, end * size - window.first);
  const auto own = parts.begin() + static_cast<std::ptrdiff_t>(pool_->parts());
  const auto latent = pool_->pooled({parts.begin(), own}, count, input.dtype());
  const auto turned = mx::squeeze(rope_.turn(mx::expand_dims(latent, 0), begin, size), 0);
  auto keys = are_keys_rounded_ ? rounded_to_fp4(turned, kGroupsRoundedTogether, true) : turned;
  if (index_ && groups_.index_dim > 0) {
    const auto pooled = index_->pool() ? index_->pool()->pooled({own, parts.end()}, count, input.dtype()) : latent;
    keys = mx::concatenate({keys, index_->keys_of(pooled, begin)}, -1);
  }
  // A group is at the place of its last token, and zeros are at those of the others.
  const auto spaced = mx::reshape(mx::pad(mx::expand_dims(keys, 1), {{0, 0}, {size - 1, 0}, {0, 0}}), {count * size, width});
  const auto placed = mx::slice(spaced, {segment.position - begin * size, 0}, spaced.shape());
  return mx::astype(mx::pad(placed, {{0, segment.end() - end * size}, {0, 0}}), input.dtype());
}

mx::array ArrayPooledAttention::attend(const mx::array& queries, const mx::array& keys, const GroupedSegment& segment, int first,
                                       const SeenGroups& seen) const {
  const int count = seen.groups();
  const bool is_one = segment.tokens == 1;
  auto all = mx::astype(keys, mx::float32);
  std::optional<mx::array> mask;
  if (!is_one) {
    const auto row = mx::expand_dims(mx::arange(segment.position, segment.end(), mx::int32), 1);
    const auto column = mx::arange(first, segment.end(), mx::int32);
    mask = mx::logical_and(mx::less_equal(column, row), mx::greater(column, mx::subtract(row, mx::array(window_))));
  }
  if (count > 0) {
    const auto picked = is_one && seen.choice ? mx::take(*seen.keys, mx::squeeze(*seen.choice, 0), 2) : *seen.keys;
    all = mx::concatenate({all, mx::astype(picked, mx::float32)}, 2);
    if (mask) {
      auto visible = mx::less(mx::arange(count, mx::int32), complete_groups(segment, groups_.tokens));
      if (seen.choice) visible = mx::logical_and(visible, mask_of(*seen.choice, count));
      mask = mx::concatenate({*mask, visible}, -1);
    }
  }
  // In float32: the products of heads so wide would be rounded otherwise.
  const auto attended = mx::fast::scaled_dot_product_attention(mx::astype(queries, mx::float32), all, all, scale_, "", mask, sinks_);
  return mx::astype(attended, queries.dtype());
}

}  // namespace exo

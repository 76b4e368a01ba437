#include "array_group_index.h"

#include <cmath>
#include <limits>

#include "../parts/rounded_numbers.h"

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int kRoundedTogether = 32;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

mx::array head_of(const mx::array& x, int head) { return mx::slice(x, {0, head, 0, 0}, {1, head + 1, x.shape(2), x.shape(3)}); }

/// The places of the largest numbers of each row.
mx::array largest(const mx::array& x, int count) {
  return mx::slice(mx::argpartition(mx::negative(x), count - 1, -1), {0, 0}, {x.shape(0), count});
}

mx::array only(const mx::array& scores, const mx::array& mask) { return mx::where(mask, scores, mx::array(-kInfinity)); }

}  // namespace

ArrayGroupIndex::ArrayGroupIndex(const GroupIndexSpec& spec, const TokenGroupsSpec& groups, const TrailingRope& rope, float epsilon,
                                 bool are_keys_rounded, ArrayLoader& loader)
    : groups_(groups),
      heads_(spec.heads),
      are_candidates_chosen_(spec.are_candidates_chosen),
      are_keys_rounded_(are_keys_rounded),
      epsilon_(epsilon),
      rope_(rope),
      query_up_(loader.matrix(spec.query_up)),
      weights_(loader.matrix(spec.weights)),
      key_down_(spec.key_down ? std::optional(loader.matrix(*spec.key_down)) : std::nullopt),
      key_norm_(spec.key_norm ? std::optional(loader.vector(*spec.key_norm)) : std::nullopt) {
  if (spec.pool) pool_.emplace(*spec.pool, groups.index_dim, epsilon, loader);
}

mx::array ArrayGroupIndex::rounded(const mx::array& keys) const {
  return are_keys_rounded_ ? rounded_to_fp4(keys, kRoundedTogether, false) : keys;
}

mx::array ArrayGroupIndex::keys_of(const mx::array& pooled, int first) const {
  const auto keys = pool_ ? pooled : mx::fast::rms_norm(key_down_->multiply(pooled), key_norm_, epsilon_);
  return rounded(mx::squeeze(rope_.turn(mx::expand_dims(keys, 0), first, groups_.tokens), 0));
}

void ArrayGroupIndex::choose(const mx::array& input, const mx::array& narrow, const GroupedSegment& segment, SeenGroups& seen) const {
  const int count = seen.groups(), blocks = (count + groups_.block_groups - 1) / groups_.block_groups;
  const bool chooses_blocks = are_candidates_chosen_ && groups_.candidate_blocks > 0 && blocks > groups_.candidate_blocks;
  seen.choice = std::nullopt;
  if (are_candidates_chosen_) seen.candidates = std::nullopt;
  if (count <= groups_.chosen && !chooses_blocks) return;
  const auto complete = complete_groups(segment, groups_.tokens);
  auto scores = scores_of(input, narrow, segment, complete, *seen.index_keys);
  if (chooses_blocks) {
    seen.candidates = best_blocks(scores, complete, blocks);
  } else if (seen.candidates) {
    const auto mask = mx::repeat(mask_of(*seen.candidates, blocks), groups_.block_groups, -1);
    scores = only(scores, mx::slice(mask, {0, 0}, {mask.shape(0), count}));
  }
  if (count <= groups_.chosen) return;
  const auto best = mx::astype(largest(scores, groups_.chosen), mx::int32);
  seen.choice = mx::where(mx::less(best, complete), best, mx::array(-1));
}

mx::array ArrayGroupIndex::scores_of(const mx::array& input, const mx::array& narrow, const GroupedSegment& segment,
                                     const mx::array& complete, const mx::array& keys) const {
  const int tokens = segment.tokens, dim = groups_.index_dim;
  const auto by_head = mx::transpose(mx::reshape(query_up_.multiply(narrow), {1, tokens, heads_, dim}), {0, 2, 1, 3});
  const auto queries = mx::astype(rounded(rope_.turn(by_head, segment.position)), mx::float32);
  const auto weights = mx::multiply(mx::astype(weights_.multiply(input), mx::float32),
                                    mx::array(1 / std::sqrt(static_cast<float>(heads_) * static_cast<float>(dim))));
  const auto of_heads = mx::reshape(mx::transpose(weights), {1, heads_, tokens, 1});
  const auto turned = mx::swapaxes(mx::astype(keys, mx::float32), -1, -2);
  const auto weighted = [&](const mx::array& some, const mx::array& by) {
    return mx::multiply(mx::maximum(mx::matmul(some, turned), mx::array(0.0f)), by);
  };
  // For many tokens, the products of all heads together would take much memory.
  auto scores = tokens == 1 ? mx::sum(weighted(queries, of_heads), 1, true) : weighted(head_of(queries, 0), head_of(of_heads, 0));
  for (int head = 1; tokens > 1 && head < heads_; ++head)
    scores = mx::add(scores, weighted(head_of(queries, head), head_of(of_heads, head)));
  return only(mx::reshape(scores, {tokens, -1}), mx::less(mx::arange(keys.shape(2), mx::int32), complete));
}

mx::array ArrayGroupIndex::best_blocks(const mx::array& scores, const mx::array& complete, int blocks) const {
  const int missing = blocks * groups_.block_groups - scores.shape(1);
  const auto padded = mx::pad(scores, {{0, 0}, {0, missing}}, mx::array(-kInfinity));
  const auto best = mx::max(mx::unflatten(padded, -1, {blocks, groups_.block_groups}), -1);
  // The newest block counts always: as it is only partly full, an older one may have a better score.
  const auto last = mx::where(mx::greater(complete, mx::array(0)),
                              mx::floor_divide(mx::subtract(complete, mx::array(1)), mx::array(groups_.block_groups)), mx::array(-1));
  const auto ranked = mx::where(mx::equal(mx::arange(blocks, mx::int32), last), mx::array(kInfinity), best);
  const auto chosen = mx::astype(largest(ranked, groups_.candidate_blocks), mx::int32);
  return mx::where(mx::greater(mx::take_along_axis(ranked, chosen, -1), mx::array(-kInfinity)), chosen, mx::array(-1));
}

}  // namespace exo

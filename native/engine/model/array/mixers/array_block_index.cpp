#include "array_block_index.h"

#include <limits>

#include "../parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

ArrayBlockIndex::ArrayBlockIndex(const BlockIndexSpec& spec, int heads, int key_dim, const ArrayRope& rope, const NormLoader& norms)
    : spec_(spec),
      heads_(heads),
      key_dim_(key_dim),
      rope_(rope),
      epsilon_(norms.epsilon()),
      query_norm_(norms.weight(spec.query_norm)),
      key_norm_(norms.weight(spec.key_norm)) {}

mx::array ArrayBlockIndex::queries_of(const mx::array& own) const {
  const auto queries = mx::reshape(columns_of(own, 0, spec_.heads * spec_.dim), {own.shape(0), spec_.heads, 1, spec_.dim});
  return mx::fast::rms_norm(queries, query_norm_, epsilon_);
}

mx::array ArrayBlockIndex::keys_of(const mx::array& own) const {
  const auto keys = mx::reshape(columns_of(own, spec_.heads * spec_.dim, own.shape(1)), {own.shape(0), 1, 1, spec_.dim});
  return mx::fast::rms_norm(keys, key_norm_, epsilon_);
}

mx::array ArrayBlockIndex::as_head(const mx::array& keys) const {
  if (spec_.dim == key_dim_) return keys;
  return mx::concatenate({keys, mx::zeros({keys.shape(0), 1, keys.shape(2), key_dim_ - spec_.dim}, keys.dtype())}, -1);
}

mx::array ArrayBlockIndex::choice(const mx::array& queries, const mx::array& head, const mx::array& positions,
                                  const mx::array& mask) const {
  const mx::array least(-std::numeric_limits<float>::infinity()), most(std::numeric_limits<float>::infinity());
  const int rows = queries.shape(0), tokens = queries.shape(2), seen = head.shape(2), size = spec_.block_tokens;
  const int blocks = (seen + size - 1) / size;
  const auto keys = mx::astype(mx::slice(head, {0, 0, 0, 0}, {rows, 1, seen, spec_.dim}), mx::float32);
  auto scores = mx::where(mask, mx::matmul(mx::astype(queries, mx::float32), mx::swapaxes(keys, -1, -2)), least);
  if (blocks * size > seen) scores = mx::concatenate({scores, mx::full({rows, spec_.heads, tokens, blocks * size - seen}, least)}, -1);
  auto by_block = mx::max(mx::unflatten(scores, -1, {blocks, size}), -1);
  if (spec_.local_blocks > 0) {
    const auto own = mx::floor_divide(positions, mx::array(size)), ids = mx::arange(blocks, mx::int32);
    const auto is_local = mx::logical_and(mx::less_equal(ids, own), mx::greater(ids, mx::subtract(own, mx::array(spec_.local_blocks))));
    by_block = mx::where(is_local, most, by_block);
  }
  const auto order = mx::argpartition(by_block, blocks - spec_.chosen, -1);
  const auto best = mx::slice(order, {0, 0, 0, blocks - spec_.chosen}, order.shape());
  const auto chosen = mx::put_along_axis(mx::zeros(by_block.shape(), mx::bool_), best, mx::array(true), -1);
  const auto by_token = mx::slice(mx::repeat(chosen, size, -1), {0, 0, 0, 0}, {rows, spec_.heads, tokens, seen});
  // A chosen block may still contain later tokens.
  return mx::repeat(mx::logical_and(by_token, mask), heads_ / spec_.heads, 1);
}

}  // namespace exo

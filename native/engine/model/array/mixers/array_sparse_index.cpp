#include "array_sparse_index.h"

#include <cmath>
#include <limits>

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr float kKeyNormEpsilon = 1e-5f;

mx::array head_of(const mx::array& x, int head) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[1] = head, stop[1] = head + 1;
  return mx::slice(x, start, stop);
}

}  // namespace

ArraySparseIndex::ArraySparseIndex(const SparseIndexSpec& spec, const ArrayRope& rope, ArrayLoader& loader)
    : spec_(spec),
      rope_(rope),
      query_up_(loader.matrix(spec.query_up)),
      key_norm_(loader.vector(spec.key_norm), loader.vector(spec.key_norm_bias), true, kKeyNormEpsilon) {}

mx::array ArraySparseIndex::keys_of(const mx::array& projected) const {
  const auto keys = mx::slice(projected, {0, 0}, {projected.shape(0), spec_.dim});
  return mx::reshape(key_norm_.apply(keys), {projected.shape(0), 1, 1, spec_.dim});
}

mx::array ArraySparseIndex::queries_of(const mx::array& narrow) const {
  return mx::reshape(query_up_.multiply(narrow), {narrow.shape(0), spec_.heads, 1, spec_.dim});
}

mx::array ArraySparseIndex::weights_of(const mx::array& projected) const {
  const auto weights = mx::slice(projected, {0, spec_.dim}, {projected.shape(0), spec_.dim + spec_.heads});
  // A factor that the rotation leaves out counts for queries and keys.
  const float factor = rope_.left_out(spec_.dim) * rope_.left_out(spec_.dim) / std::sqrt(static_cast<float>(spec_.heads * spec_.dim));
  return mx::multiply(mx::reshape(weights, {projected.shape(0), spec_.heads, 1, 1}), mx::array(factor, weights.dtype()));
}

mx::array ArraySparseIndex::best(const mx::array& queries, const mx::array& weights, const mx::array& keys,
                                 const std::optional<mx::array>& mask) const {
  const auto turned = mx::swapaxes(keys, -1, -2);
  const auto weighted = [&](const mx::array& some, const mx::array& by) {
    const auto products = mx::matmul(some, turned);
    return mx::multiply(mx::maximum(products, mx::array(0, products.dtype())), by);
  };
  const bool is_long = queries.shape(2) > 1;
  // For many tokens, the products of all heads together would take much memory.
  auto scores = is_long ? weighted(head_of(queries, 0), head_of(weights, 0)) : mx::sum(weighted(queries, weights), 1, true);
  for (int head = 1; is_long && head < spec_.heads; ++head)
    scores = mx::add(scores, weighted(head_of(queries, head), head_of(weights, head)));
  if (mask) scores = mx::where(*mask, scores, mx::array(-std::numeric_limits<float>::infinity(), scores.dtype()));
  const int seen = keys.shape(2), chosen = spec_.chosen;
  auto order = mx::argpartition(scores, seen - chosen, -1);
  auto start = mx::Shape(order.ndim(), 0);
  start.back() = seen - chosen;
  return mx::slice(order, start, order.shape());
}

mx::array ArraySparseIndex::choice(const mx::array& queries, const mx::array& weights, const mx::array& keys,
                                   const std::optional<mx::array>& mask) const {
  const mx::Shape shape{queries.shape(0), 1, queries.shape(2), keys.shape(2)};
  const auto choice = mx::put_along_axis(mx::zeros(shape, mx::bool_), best(queries, weights, keys, mask), mx::array(true), -1);
  return mask ? mx::logical_and(choice, *mask) : choice;
}

}  // namespace exo

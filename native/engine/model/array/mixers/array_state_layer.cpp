#include "array_state_layer.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

mx::array ArrayStateLayer::attend_each(const mx::array& projected, const DecodeRows& rows, size_t layer) const {
  const int count = rows.count();
  std::vector<int32_t> cache_rows;
  std::vector<bool> begins;
  for (const auto& token : rows.tokens()) cache_rows.push_back(token.cache_row), begins.push_back(token.position == 0);
  auto before = rows.cache().states(layer, cache_rows, fresh(projected.dtype()));
  if (std::find(begins.begin(), begins.end(), true) != begins.end()) {
    // The row may still contain the state of an earlier sequence.
    const auto cleared = [&](const mx::array& x) {
      mx::Shape shape(x.ndim(), 1);
      shape[0] = count;
      return mx::where(mx::array(begins.begin(), shape, mx::bool_), mx::zeros_like(x), x);
    };
    before = {cleared(before.tail), cleared(before.state)};
  }
  auto [results, after] = advance(mx::expand_dims(projected, 1), before);
  rows.cache().keep_states(layer, cache_rows, after);
  return mx::squeeze(results, 1);
}

mx::array ArrayStateLayer::attend(const mx::array& projected, AttendedTokens& step, size_t run, size_t layer) const {
  const auto& [place, position, tokens, first_row] = step.runs()[run];
  const auto none = fresh(projected.dtype());
  const auto before = position == 0 ? none : place.rows->states(layer, {place.row}, none);
  auto [results, after] = advance(mx::expand_dims(projected, 0), before);
  place.rows->keep_states(layer, {place.row}, after);
  return mx::squeeze(results, 0);
}

mx::array joined_convolution(const std::vector<TensorSource>& sources, ArrayLoader& loader, int kernel) {
  std::vector<mx::array> parts;
  for (const auto& source : sources) parts.push_back(mx::reshape(loader.vector(source), {-1, kernel, 1}));
  const auto all = mx::concatenate(std::move(parts), 0);
  mx::eval(all);
  return all;
}

SeenInputs seen_inputs(const mx::array& tail, const mx::array& inputs, int kernel) {
  const auto all = mx::concatenate({tail, inputs}, 1);
  const int tokens = inputs.shape(1);
  return {all, mx::contiguous(mx::slice(all, {0, tokens, 0}, {all.shape(0), tokens + kernel - 1, all.shape(2)}))};
}

mx::array silu(const mx::array& x) { return mx::multiply(x, mx::sigmoid(x)); }

}  // namespace exo

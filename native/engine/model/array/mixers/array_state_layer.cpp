#include "array_state_layer.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

mx::array rows_between(const mx::array& x, int begin, int end) {
  if (begin == 0 && end == x.shape(0)) return x;
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[0] = begin, stop[0] = end;
  return mx::slice(x, start, stop);
}

}  // namespace

mx::array ArrayStateLayer::attend_each(const mx::array& unplaced, const DecodeRows& rows, size_t layer) const {
  const auto projected = placed(unplaced, rows);
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
  for (int row = 0; row < count; ++row) {
    const auto& token = rows.tokens()[static_cast<size_t>(row)];
    if (token.trail && token.position > 0)
      token.trail->add(layer, {rows_between(before.tail, row, row + 1), rows_between(before.state, row, row + 1)});
  }
  auto [results, after] = advance(mx::expand_dims(projected, 1), before);
  rows.cache().keep_states(layer, cache_rows, after);
  return mx::squeeze(results, 1);
}

mx::array ArrayStateLayer::attend(const mx::array& unplaced, AttendedTokens& step, size_t run, size_t layer) const {
  const auto& [place, position, tokens, first_row] = step.runs()[run];
  const auto projected = placed(unplaced, position);
  const auto none = fresh(projected.dtype());
  auto state = position == 0 ? none : place.rows->states(layer, {place.row}, none);
  // One token at a time if the state of each is remembered.
  const int step_tokens = place.trail ? 1 : tokens;
  std::vector<mx::array> results;
  for (int begin = 0; begin < tokens; begin += step_tokens) {
    if (place.trail && position + begin > 0) place.trail->add(layer, state);
    auto [part, after] = advance(mx::expand_dims(rows_between(projected, begin, begin + step_tokens), 0), state);
    state = std::move(after);
    results.push_back(mx::squeeze(part, 0));
  }
  place.rows->keep_states(layer, {place.row}, state);
  return results.size() == 1 ? results[0] : mx::concatenate(std::move(results), 0);
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

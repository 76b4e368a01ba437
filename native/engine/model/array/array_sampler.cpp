#include "array_sampler.h"

#include <algorithm>
#include <functional>

namespace mx = mlx::core;

namespace exo {

namespace {

using Draws = std::vector<RowDraw>;

/// One value per row as an array [rows, 1].
mx::array column(const Draws& draws, const std::function<float(const RowDraw&)>& pick) {
  std::vector<float> values;
  for (const auto& draw : draws) values.push_back(pick(draw));
  return mx::array(values.data(), {static_cast<int>(values.size()), 1}, mx::float32);
}

/// The index of the first cumulative sum that exceeds the random number, for each row: [rows, 1].
mx::array place_in(const mx::array& weights, const Draws& draws) {
  const auto sums = mx::cumsum(weights, -1);
  const int last = weights.shape(1) - 1;
  const auto reached = mx::multiply(mx::slice(sums, {0, last}, sums.shape()),
                                    column(draws, [](const RowDraw& draw) { return static_cast<float>(draw.uniform); }));
  return mx::minimum(mx::sum(mx::astype(mx::less_equal(sums, reached), mx::int32), -1, true), mx::array(last));
}

/// Weights relative to the most likely token, whose weight is 1.
mx::array weights_of(const mx::array& logits, const Draws& draws) {
  const auto slopes = column(draws, [](const RowDraw& draw) { return 1.0f / draw.temperature; });
  return mx::exp(mx::multiply(mx::subtract(logits, mx::max(logits, -1, true)), slopes));
}

mx::array draw_likeliest(const mx::array& logits, const Draws&) { return mx::astype(mx::argmax(logits, -1), mx::int32); }

mx::array draw_of_all(const mx::array& logits, const Draws& draws) { return mx::squeeze(place_in(weights_of(logits, draws), draws), -1); }

/// Applies min-p, top-k and top-p. Each filter keeps some of what the previous one has kept.
mx::array draw_of_kept(const mx::array& logits, const Draws& draws) {
  const int vocabulary = logits.shape(1);
  const auto weights = weights_of(logits, draws);
  const auto order = mx::argsort(mx::negative(weights), -1);
  const auto sorted = mx::take_along_axis(weights, order, -1);
  const auto top_k = column(draws, [&](const RowDraw& draw) { return static_cast<float>(draw.top_k > 0 ? draw.top_k : vocabulary); });
  const auto is_valid = mx::logical_and(mx::greater_equal(sorted, column(draws, [](const RowDraw& draw) { return draw.min_p; })),
                                        mx::less(mx::arange(0.0, vocabulary, mx::float32), top_k));
  const mx::array none(0.0f);
  const auto valid = mx::where(is_valid, sorted, none);
  // A token is kept if the sum of all tokens before it is below top-p.
  const auto before = mx::subtract(mx::cumsum(valid, -1), valid);
  const auto wanted =
      mx::multiply(mx::sum(valid, -1, true), column(draws, [](const RowDraw& draw) { return draw.top_p >= 1 ? 2.0f : draw.top_p; }));
  const auto kept = mx::where(mx::logical_or(mx::less(before, wanted), mx::equal(mx::arange(vocabulary), mx::array(0))), valid, none);
  return mx::squeeze(mx::astype(mx::take_along_axis(order, place_in(kept, draws), -1), mx::int32), -1);
}

/// Which of the three ways to draw applies to each row.
size_t way_of(const RowDraw& draw) {
  if (draw.temperature == 0) return 0;
  return draw.top_k > 0 || draw.top_p < 1 || draw.min_p > 0 ? 2 : 1;
}

}  // namespace

mx::array draw_tokens(const mx::array& logits, const std::vector<RowDraw>& draws) {
  constexpr mx::array (*kWays[])(const mx::array&, const Draws&) = {draw_likeliest, draw_of_all, draw_of_kept};
  std::vector<mx::array> drawn;
  std::vector<int32_t> order(draws.size());
  int32_t next = 0;
  for (size_t way = 0; way < std::size(kWays); ++way) {
    std::vector<int32_t> rows;
    Draws of_rows;
    for (size_t row = 0; row < draws.size(); ++row) {
      if (way_of(draws[row]) != way) continue;
      rows.push_back(static_cast<int32_t>(row));
      of_rows.push_back(draws[row]);
      order[row] = next++;
    }
    if (rows.empty()) continue;
    const bool are_all = rows.size() == draws.size();
    drawn.push_back(
        kWays[way](are_all ? logits : mx::take(logits, mx::array(rows.data(), {static_cast<int>(rows.size())}, mx::int32), 0), of_rows));
  }
  if (drawn.size() == 1) return drawn[0];
  return mx::take(mx::concatenate(std::move(drawn), 0), mx::array(order.data(), {static_cast<int>(order.size())}, mx::int32), 0);
}

}  // namespace exo

#include "array_step.h"

#include <algorithm>
#include <numeric>

namespace mx = mlx::core;

namespace exo {

namespace {

mx::array numbers(const std::vector<int32_t>& values) { return mx::array(values.data(), {static_cast<int>(values.size())}, mx::int32); }

template <typename Pick>
std::vector<int32_t> each(const std::vector<DecodeRows::Token>& tokens, Pick pick) {
  std::vector<int32_t> values;
  for (const auto& token : tokens) values.push_back(pick(token));
  return values;
}

bool is_consecutive(const std::vector<DecodeRows::Token>& tokens) {
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].step_row != tokens[0].step_row + static_cast<int32_t>(i)) return false;
  }
  return true;
}

}  // namespace

DecodeRows::DecodeRows(CacheRows& cache, std::vector<Token> tokens)
    : cache_(&cache),
      tokens_(std::move(tokens)),
      rows_(numbers(each(tokens_, [](const Token& token) { return token.cache_row; }))),
      positions_(numbers(each(tokens_, [](const Token& token) { return token.position; }))),
      places_(numbers(each(tokens_, [](const Token& token) { return token.place(); }))),
      step_rows_(numbers(each(tokens_, [](const Token& token) { return token.step_row; }))) {
  const auto [shortest, longest] =
      std::minmax_element(tokens_.begin(), tokens_.end(), [](const Token& a, const Token& b) { return a.place() < b.place(); });
  shortest_ = shortest->place() + 1, longest_ = longest->place() + 1;
  const int32_t first = tokens_.front().cache_row, range = tokens_.back().cache_row - first + 1;
  if (range == count()) return;
  // A cache row that is not part of the step gets the query of another row, and its result is dropped.
  std::vector<int32_t> spread(static_cast<size_t>(range), 0), gather;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    spread[static_cast<size_t>(tokens_[i].cache_row - first)] = static_cast<int32_t>(i);
    gather.push_back(tokens_[i].cache_row - first);
  }
  spread_ = numbers(spread), gather_ = numbers(gather);
}

mx::array DecodeRows::pick(const mx::array& of_step) const {
  if (!is_consecutive(tokens_)) return mx::take(of_step, step_rows_, 0);
  const int first = tokens_.front().step_row;
  return mx::slice(of_step, {first, 0}, {first + count(), of_step.shape(1)});
}

void DecodeRows::append(size_t layer, const LayerArrays& more) const {
  if (count() == 1) return cache_->append(layer, tokens_.front().cache_row, tokens_.front().place(), more);
  cache_->append_each(layer, rows_, places_, more);
}

KeptTokens DecodeRows::seen(const KeptTokens& held, int window) const {
  KeptTokens seen;
  for (const auto& part : held) {
    seen.push_back(mx::slice(part, {tokens_.front().cache_row, 0, begin(window), 0},
                             {tokens_.back().cache_row + 1, part.shape(1), longest_, part.shape(3)}));
  }
  return seen;
}

std::optional<mx::array> DecodeRows::mask(int window) const {
  if (shortest_ == longest_) return std::nullopt;
  auto& mask = masks_[window];
  if (mask) return mask;
  const auto ends = mx::reshape(spread(mx::add(places_, mx::array(1))), {-1, 1, 1, 1});
  const auto column = mx::arange(begin(window), longest_, mx::int32);
  mask = mx::less(column, ends);
  if (window > 0) mask = mx::logical_and(*mask, mx::greater_equal(column, mx::subtract(ends, mx::array(window))));
  return mask;
}

int DecodeRows::begin(int window) const { return window > 0 ? std::max(0, shortest_ - window) : 0; }

AttendedTokens::AttendedTokens(const StepPlan& plan, ArrayCaches& caches, size_t sight) {
  std::map<CacheRows*, std::vector<DecodeRows::Token>> single;
  int32_t row = 0;
  for (const auto& segment : plan.segments) {
    const auto place = caches.place(sight, segment.slot);
    if (segment.tokens == 1) single[place.rows].push_back({place.row, segment.position, row, place.first, place.trail});
    else runs_.push_back({place, segment.position, segment.tokens, row});
    row += segment.tokens;
  }
  std::vector<int32_t> order(static_cast<size_t>(row));
  int32_t next = 0;
  const auto add = [&](CacheRows& rows, std::vector<DecodeRows::Token> tokens) {
    for (const auto& token : tokens) order[static_cast<size_t>(token.step_row)] = next++;
    decodes_.emplace_back(rows, std::move(tokens));
  };
  // Sorted by room, because pointers have another order on each rank.
  std::vector<std::pair<CacheRows*, std::vector<DecodeRows::Token>>> groups(single.begin(), single.end());
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.first->room() < b.first->room(); });
  for (auto& [rows, tokens] : groups) {
    std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.cache_row < b.cache_row; });
    const auto range = static_cast<size_t>(tokens.back().cache_row - tokens.front().cache_row + 1);
    if (range <= 2 * tokens.size()) {
      add(*rows, std::move(tokens));
      continue;
    }
    for (const auto& token : tokens) add(*rows, {token});
  }
  for (const auto& run : runs_) {
    for (int32_t i = 0; i < run.tokens; ++i) order[static_cast<size_t>(run.step_row + i)] = next++;
  }
  if (!std::is_sorted(order.begin(), order.end())) order_ = numbers(order);
}

mx::array AttendedTokens::window_mask(size_t run, int window, int first) {
  const auto [found, is_new] = window_masks_.try_emplace(std::pair(run, window), mx::array(0));
  if (is_new) {
    const auto& of = runs_[run];
    const auto row = mx::expand_dims(mx::arange(of.position, of.end(), mx::int32), 1);
    const auto column = mx::arange(first, of.end(), mx::int32);
    found->second = mx::logical_and(mx::less_equal(column, row), mx::greater(column, mx::subtract(row, mx::array(window))));
  }
  return found->second;
}

mx::array AttendedTokens::in_order(std::vector<mx::array> outputs) const {
  const auto all = outputs.size() == 1 ? outputs[0] : mx::concatenate(std::move(outputs), 0);
  return order_ ? mx::take(all, *order_, 0) : all;
}

ArrayStep::ArrayStep(StepPlan plan_, ArrayCaches& caches) : PreparedStep(std::move(plan_)) {
  for (size_t sight = 0; sight < caches.sights().windows().size(); ++sight) attended_.emplace_back(plan, caches, sight);
}

}  // namespace exo

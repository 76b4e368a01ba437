#include "cache_rows.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Whether the rows are consecutive.
bool is_range(const std::vector<int32_t>& rows) { return rows.back() - rows.front() + 1 == static_cast<int32_t>(rows.size()); }

mx::array indices_of(const std::vector<int32_t>& rows) { return mx::array(rows.data(), {static_cast<int>(rows.size())}, mx::int32); }

mx::array rows_of(const mx::array& held, const std::vector<int32_t>& rows) {
  if (!is_range(rows)) return mx::take(held, indices_of(rows), 0);
  mx::Shape start(held.ndim(), 0), stop = held.shape();
  start[0] = rows.front(), stop[0] = rows.back() + 1;
  return static_cast<size_t>(held.shape(0)) == rows.size() ? held : mx::slice(held, start, stop);
}

mx::array with_rows(const mx::array& held, const std::vector<int32_t>& rows, const mx::array& more) {
  if (!is_range(rows)) return mx::scatter(held, indices_of(rows), mx::expand_dims(more, 1), 0);
  mx::Shape start(held.ndim(), 0), stop = held.shape();
  start[0] = rows.front(), stop[0] = rows.back() + 1;
  return static_cast<size_t>(held.shape(0)) == rows.size() ? more : mx::slice_update(held, more, start, stop);
}

/// Appends empty rows until there are at least `rows`.
mx::array with_room(const mx::array& held, int rows) {
  if (held.shape(0) >= rows) return held;
  auto shape = held.shape();
  shape[0] = rows - held.shape(0);
  return mx::concatenate({held, mx::zeros(shape, held.dtype())}, 0);
}

}  // namespace

int64_t CacheRows::bytes() const {
  int64_t bytes = 0;
  for (const auto& layer : layers_) {
    for (const auto* kept : {&layer.keys, &layer.values}) {
      for (const auto& part : *kept) bytes += static_cast<int64_t>(part.nbytes());
    }
  }
  for (const auto& kept : states_) {
    if (kept) bytes += static_cast<int64_t>(kept->tail.nbytes() + kept->state.nbytes());
  }
  return bytes;
}

int32_t CacheRows::take(int32_t slot) {
  auto place = std::find_if(slots_.begin(), slots_.end(), [](int32_t held) { return held < 0; });
  if (place == slots_.end()) place = slots_.insert(slots_.end(), slot);
  *place = slot;
  return static_cast<int32_t>(place - slots_.begin());
}

void CacheRows::free(int32_t row) { slots_[static_cast<size_t>(row)] = -1; }

bool CacheRows::is_empty() const {
  return std::all_of(slots_.begin(), slots_.end(), [](int32_t slot) { return slot < 0; });
}

bool CacheRows::is_sparse() const {
  const auto unused = std::count_if(slots_.begin(), slots_.end(), [](int32_t slot) { return slot < 0; });
  return 2 * unused > static_cast<ptrdiff_t>(slots_.size());
}

void CacheRows::close_gaps() {
  std::vector<int32_t> rows;
  for (size_t row = 0; row < slots_.size(); ++row) {
    if (slots_[row] >= 0) rows.push_back(static_cast<int32_t>(row));
  }
  std::erase_if(slots_, [](int32_t slot) { return slot < 0; });
  for (auto& layer : layers_) {
    if (layer.keys.empty()) continue;
    // A row that was taken but never written is not in the arrays yet.
    auto held = rows;
    std::erase_if(held, [&](int32_t row) { return row >= layer.keys[0].shape(0); });
    const auto indices = indices_of(held);
    for (auto* kept : {&layer.keys, &layer.values}) {
      for (auto& part : *kept) part = mx::take(part, indices, 0);
    }
  }
  for (auto& kept : states_) {
    if (!kept) continue;
    auto held = rows;
    std::erase_if(held, [&](int32_t row) { return row >= kept->state.shape(0); });
    kept = LayerState{mx::take(kept->tail, indices_of(held), 0), mx::take(kept->state, indices_of(held), 0)};
  }
}

template <typename Put>
void CacheRows::put(size_t layer, const LayerArrays& more, Put into) {
  const auto put_all = [&](KeptTokens& held, const KeptTokens& parts) {
    make_room(held, parts);
    for (size_t i = 0; i < parts.size(); ++i) held[i] = into(held[i], parts[i]);
  };
  put_all(layers_[layer].keys, more.keys);
  put_all(layers_[layer].values, more.values);
}

void CacheRows::append(size_t layer, int32_t row, int32_t position, const LayerArrays& more) {
  put(layer, more, [&](const mx::array& held, const mx::array& part) {
    return mx::slice_update(held, part, mx::Shape{row, 0, position, 0},
                            mx::Shape{row + 1, part.shape(1), position + part.shape(2), part.shape(3)});
  });
}

void CacheRows::append_each(size_t layer, const mx::array& rows, const mx::array& positions, const LayerArrays& more) {
  put(layer, more,
      [&](const mx::array& held, const mx::array& part) { return mx::scatter(held, {rows, positions}, mx::expand_dims(part, 1), {0, 2}); });
}

LayerState CacheRows::states(size_t layer, const std::vector<int32_t>& rows, const std::optional<LayerState>& fresh) {
  auto& kept = states_[layer];
  const auto count = static_cast<int>(slots_.size());
  if (!kept) kept = fresh.value();
  kept = LayerState{with_room(kept->tail, count), with_room(kept->state, count)};
  return {rows_of(kept->tail, rows), rows_of(kept->state, rows)};
}

void CacheRows::keep_states(size_t layer, const std::vector<int32_t>& rows, const LayerState& states) {
  auto& kept = states_[layer];
  if (!kept) {
    const auto one = [](const mx::array& x) {
      auto shape = x.shape();
      shape[0] = 1;
      return mx::zeros(shape, x.dtype());
    };
    kept = LayerState{one(states.tail), one(states.state)};
  }
  const auto count = static_cast<int>(slots_.size());
  kept =
      LayerState{with_rows(with_room(kept->tail, count), rows, states.tail), with_rows(with_room(kept->state, count), rows, states.state)};
}

KeptTokens CacheRows::tokens_of(const KeptTokens& held, int32_t row, int32_t begin, int32_t end) {
  KeptTokens tokens;
  for (const auto& part : held) tokens.push_back(mx::slice(part, {row, 0, begin, 0}, {row + 1, part.shape(1), end, part.shape(3)}));
  return tokens;
}

void CacheRows::make_room(KeptTokens& held, const KeptTokens& like) {
  const auto rows = static_cast<int>(slots_.size()), missing = held.empty() ? rows : rows - held[0].shape(0);
  if (missing <= 0) return;
  const bool is_new = held.empty();
  if (!is_new) evaluator_->add_regrowths(1);
  for (size_t i = 0; i < like.size(); ++i) {
    const auto more = mx::zeros({missing, like[i].shape(1), room_, like[i].shape(3)}, like[i].dtype());
    if (is_new) held.push_back(more);
    else held[i] = mx::concatenate({held[i], more}, 0);
  }
}

}  // namespace exo

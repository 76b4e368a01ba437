#include "cache_rows.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

int64_t CacheRows::bytes() const {
  int64_t bytes = 0;
  for (const auto& layer : layers_) {
    if (layer.keys) bytes += static_cast<int64_t>(layer.keys->nbytes() + layer.values->nbytes());
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
    if (!layer.keys) continue;
    // A row that was given but never written is not in the arrays yet.
    auto held = rows;
    std::erase_if(held, [&](int32_t row) { return row >= layer.keys->shape(0); });
    const mx::array indices(held.data(), {static_cast<int>(held.size())}, mx::int32);
    layer = {mx::take(*layer.keys, indices, 0), mx::take(*layer.values, indices, 0)};
  }
}

void CacheRows::append(size_t layer, int32_t row, int32_t position, const mx::array& keys, const mx::array& values) {
  const auto put = [&](std::optional<mx::array>& held, const mx::array& more) {
    make_room(held, more);
    held = mx::slice_update(*held, more, mx::Shape{row, 0, position, 0},
                            mx::Shape{row + 1, more.shape(1), position + more.shape(2), more.shape(3)});
  };
  put(layers_[layer].keys, keys);
  put(layers_[layer].values, values);
}

void CacheRows::append_each(size_t layer, const mx::array& rows, const mx::array& positions, const mx::array& keys,
                            const mx::array& values) {
  const auto put = [&](std::optional<mx::array>& held, const mx::array& more) {
    make_room(held, more);
    held = mx::scatter(*held, {rows, positions}, mx::expand_dims(more, 1), {0, 2});
  };
  put(layers_[layer].keys, keys);
  put(layers_[layer].values, values);
}

mx::array CacheRows::tokens_of(const mx::array& held, int32_t row, int32_t begin, int32_t end) {
  return mx::slice(held, {row, 0, begin, 0}, {row + 1, held.shape(1), end, held.shape(3)});
}

void CacheRows::make_room(std::optional<mx::array>& held, const mx::array& like) {
  const auto rows = static_cast<int>(slots_.size()), missing = held ? rows - held->shape(0) : rows;
  if (missing <= 0) return;
  const auto more = mx::zeros({missing, like.shape(1), room_, like.shape(3)}, like.dtype());
  if (held) evaluator_->add_regrowths(1);
  held = held ? mx::concatenate({*held, more}, 0) : more;
}

}  // namespace exo

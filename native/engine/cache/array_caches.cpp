#include "array_caches.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int32_t kLeastRoom = 256;
/// Behind the first tokens of a sequence of which nobody has said how long it gets.
constexpr int32_t kUnknownRoom = 512;

/// The next of few sizes, so that sequences of about one length share their arrays: 256, 384, 512, 768, 1024 and so on.
int32_t room_for(int32_t tokens) {
  int32_t room = kLeastRoom;
  while (room < tokens && room + room / 2 < tokens) room *= 2;
  return room < tokens ? room + room / 2 : room;
}

}  // namespace

void ArrayCaches::grow(int32_t slot, int32_t tokens) {
  const auto found = places_.find(slot);
  if (found != places_.end() && tokens <= found->second.room) return;
  if (found == places_.end()) {
    const auto wanted = wanted_.find(slot);
    const int32_t room = room_for(wanted == wanted_.end() ? tokens + kUnknownRoom : std::max(tokens, wanted->second));
    places_[slot] = {room, rows_of(room).take(slot)};
    return;
  }
  const auto from = found->second;
  const int32_t room = room_for(std::max(tokens, 2 * from.room));
  auto& larger = rows_of(room);
  auto& smaller = rows_of(from.room);
  const int32_t row = larger.take(slot);
  for (size_t index = 0; index < layers_; ++index) {
    const auto& layer = smaller.layer(index);
    if (!layer.keys || layer.keys->shape(0) <= from.row) continue;
    const auto old = [&](const mx::array& held) { return CacheRows::tokens_of(held, from.row, 0, from.room); };
    larger.append(index, row, 0, old(*layer.keys), old(*layer.values));
    evaluator_.add_regrowths(2);
  }
  smaller.free(from.row);
  places_[slot] = {room, row};
  tidy(from.room);
}

CachePlace ArrayCaches::place(int32_t slot) {
  const auto& place = places_.at(slot);
  return {&rows_.at(place.room), place.row};
}

int64_t ArrayCaches::growth_tokens() const { return kLeastRoom; }

int64_t ArrayCaches::sequence_bytes() const {
  int64_t bytes = 0;
  for (const auto& [room, rows] : rows_) bytes += rows.bytes();
  return bytes;
}

void ArrayCaches::clear() {
  rows_.clear();
  places_.clear();
  wanted_.clear();
  blocks_.clear();
}

void ArrayCaches::keep(const PlanKeep& order) {
  const int begin = order.index * kBlockTokens;
  const auto [rows, row] = place(order.slot);
  std::vector<LayerArrays> block(layers_);
  std::vector<mx::array> copies;
  for (size_t index = 0; index < layers_; ++index) {
    const auto copy = [&](const mx::array& held) {
      const auto copied = mx::contiguous(CacheRows::tokens_of(held, row, begin, begin + kBlockTokens));
      copies.push_back(copied);
      return copied;
    };
    const auto& from = rows->layer(index);
    block[index] = {copy(*from.keys), copy(*from.values)};
  }
  // At once: a copy that is still to be made holds on to the whole sequence, which then cannot be written in place.
  evaluator_.start(std::move(copies));
  blocks_.insert_or_assign(order.block, std::move(block));
}

void ArrayCaches::release(int32_t slot) {
  wanted_.erase(slot);
  const auto found = places_.find(slot);
  if (found == places_.end()) return;
  const auto place = found->second;
  places_.erase(found);
  rows_of(place.room).free(place.row);
  tidy(place.room);
}

void ArrayCaches::drop(int32_t block) { blocks_.erase(block); }

void ArrayCaches::share(const PlanShare& order) {
  const int32_t begin = order.index * kBlockTokens;
  grow(order.slot, begin + static_cast<int32_t>(order.blocks.size()) * kBlockTokens);
  const auto [rows, row] = place(order.slot);
  for (size_t index = 0; index < layers_; ++index) {
    std::vector<mx::array> keys, values;
    for (const auto block : order.blocks) {
      const auto& from = blocks_.at(block)[index];
      keys.push_back(*from.keys);
      values.push_back(*from.values);
    }
    rows->append(index, row, begin, mx::concatenate(std::move(keys), 2), mx::concatenate(std::move(values), 2));
  }
}

CacheRows& ArrayCaches::rows_of(int32_t room) { return rows_.try_emplace(room, room, layers_, evaluator_).first->second; }

void ArrayCaches::tidy(int32_t room) {
  auto& rows = rows_of(room);
  if (rows.is_empty()) {
    rows_.erase(room);
    return;
  }
  if (!rows.is_sparse()) return;
  rows.close_gaps();
  for (size_t row = 0; row < rows.slots().size(); ++row) places_.at(rows.slots()[row]).row = static_cast<int32_t>(row);
}

}  // namespace exo

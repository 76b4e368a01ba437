#include "sight_caches.h"

#include <algorithm>
#include <stdexcept>

#include "../schedule/step_plan.h"
#include "layer_sights.h"

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int32_t kLeastRoom = 256;
/// Room after the first tokens of a sequence whose final length is unknown.
constexpr int32_t kUnknownRoom = 512;

/// From here on, a larger room would waste more memory than shared arrays are worth.
constexpr int32_t kLongRoom = 4096;

/// Rounds up to one of a few sizes, so that sequences of similar length share arrays: 256, 384, 512, 768, 1024 and so on. Long
/// sequences get at most an eighth more than they need.
int32_t room_for(int32_t tokens) {
  int32_t room = kLeastRoom;
  while (2 * room <= tokens) room *= 2;
  if (room >= tokens) return room;
  const int32_t step = room < kLongRoom ? room / 2 : room / 8;
  return (tokens + step - 1) / step * step;
}

int32_t whole_blocks(int32_t tokens) { return (tokens + kBlockTokens - 1) / kBlockTokens * kBlockTokens; }

}  // namespace

void SightCaches::grow(int32_t slot, int32_t position, int32_t tokens, int32_t wanted) {
  const int32_t end = position + tokens;
  if (!places_.contains(slot)) begin(slot, end, wanted);
  const auto place = places_.at(slot);
  if (position - std::max(window_ - 1, 0) < place.first && place.first > 0)
    throw std::logic_error("a sequence was rolled back to tokens that its caches have dropped");
  if (end - place.first <= place.room) return;
  if (window_ == 0) return move(slot, room_for(std::max(end, 2 * place.room)), 0, place.room);
  const int32_t first = std::max(place.first, position - remembered_tokens(window_));
  move(slot, std::max(place.room, whole_blocks(end - first)), first, position);
}

CachePlace SightCaches::place(int32_t slot) {
  const auto& place = places_.at(slot);
  const auto trail = trails_.find(slot);
  return {&rows_.at(place.room), place.row, place.first,
          trail != trails_.end() && trail->second.is_growing ? &trail->second.states : nullptr};
}

void SightCaches::advance_state(const PlanSegment& segment) {
  auto& [positions, states, is_growing] = trails_.try_emplace(segment.slot, Trail{{}, StateTrail(layers_)}).first->second;
  if (segment.position != positions.end()) {
    positions.require(segment.position);
    const auto [rows, row, first, _] = place(segment.slot);
    for (size_t layer = 0; segment.position > 0 && layer < layers_; ++layer) {
      if (const auto state = state_at(segment.slot, layer, segment.position)) rows->keep_states(layer, {row}, *state);
    }
    states.cut(segment.position == 0 ? 0 : positions.index_of(segment.position));
    positions.go_to(segment.position);
  }
  states.forget(positions.add(segment));
  is_growing = is_remembered(segment);
}

bool SightCaches::has_state_at(int32_t slot, int32_t position) const {
  const auto found = trails_.find(slot);
  return position == 0 || (found != trails_.end() && found->second.positions.has(position));
}

std::optional<LayerState> SightCaches::state_at(int32_t slot, size_t layer, int32_t position) {
  auto& [positions, states, _] = trails_.at(slot);
  positions.require(position);
  const auto [rows, row, first, trail] = place(slot);
  if (position == positions.end()) return rows->has_state(layer) ? std::optional(rows->states(layer, {row})) : std::nullopt;
  return states.at(layer, positions.index_of(position));
}

SightCaches::States SightCaches::copy_state(int32_t slot, int32_t position, std::vector<mx::array>& copies) {
  States copied;
  for (size_t layer = 0; layer < layers_; ++layer) {
    const auto state = state_at(slot, layer, position);
    const auto& kept =
        copied.emplace_back(state ? std::optional(LayerState{mx::contiguous(state->tail), mx::contiguous(state->state)}) : std::nullopt);
    if (kept) copies.insert(copies.end(), {kept->tail, kept->state});
  }
  return copied;
}

void SightCaches::paste_state(int32_t slot, int32_t position, const States& states) {
  const auto [rows, row, first, _] = place(slot);
  for (size_t layer = 0; layer < layers_; ++layer) {
    if (states[layer]) rows->keep_states(layer, {row}, *states[layer]);
  }
  auto& trail = trails_.insert_or_assign(slot, Trail{{}, StateTrail(layers_)}).first->second;
  trail.positions.restart(position);
}

void SightCaches::release(int32_t slot) {
  trails_.erase(slot);
  const auto found = places_.find(slot);
  if (found == places_.end()) return;
  const auto place = found->second;
  places_.erase(found);
  rows_of(place.room).free(place.row);
  tidy(place.room);
}

void SightCaches::clear() {
  rows_.clear();
  places_.clear();
  trails_.clear();
}

int64_t SightCaches::bytes() const {
  int64_t bytes = 0;
  for (const auto& [room, rows] : rows_) bytes += rows.bytes();
  return bytes;
}

SightCaches::Block SightCaches::copy(int32_t slot, int32_t index, std::vector<mx::array>& copies) {
  const auto [rows, row, first, _] = place(slot);
  const int32_t begin = index * kBlockTokens - first;
  if (begin < 0) throw std::logic_error("a block to be kept has been dropped from its caches");
  Block block(layers_);
  for (size_t layer = 0; layer < layers_; ++layer) {
    const auto copy = [&](const KeptTokens& held) {
      auto copied = CacheRows::tokens_of(held, row, begin, begin + kBlockTokens);
      for (auto& part : copied) copies.push_back(part = mx::contiguous(part));
      return copied;
    };
    const auto& from = rows->layer(layer);
    block[layer] = {copy(from.keys), copy(from.values)};
  }
  return block;
}

void SightCaches::paste(int32_t slot, int32_t index, const std::vector<const Block*>& blocks, int32_t wanted) {
  const int32_t from = index * kBlockTokens, end = from + static_cast<int32_t>(blocks.size()) * kBlockTokens;
  // Blocks that no later token attends to.
  const int32_t seen = window_ == 0 ? 0 : std::max(end - remembered_tokens(window_), 0) / kBlockTokens;
  const int32_t skipped = std::clamp(seen - index, 0, static_cast<int32_t>(blocks.size()));
  if (skipped > 0) {
    release(slot);
    begin(slot, end - (from + skipped * kBlockTokens), wanted);
    places_.at(slot).first = from + skipped * kBlockTokens;
  } else {
    grow(slot, from, end - from, wanted);
  }
  const auto [rows, row, first, _] = place(slot);
  for (size_t layer = 0; layer < layers_; ++layer) {
    if (skipped == static_cast<int32_t>(blocks.size()) || (*blocks.back())[layer].keys.empty()) continue;
    const auto joined = [&](KeptTokens LayerArrays::* kept) {
      KeptTokens all;
      for (size_t part = 0; part < ((*blocks.back())[layer].*kept).size(); ++part) {
        std::vector<mx::array> pieces;
        for (auto block = blocks.begin() + skipped; block != blocks.end(); ++block) pieces.push_back(((**block)[layer].*kept)[part]);
        all.push_back(mx::concatenate(std::move(pieces), 2));
      }
      return all;
    };
    rows->append(layer, row, from + skipped * kBlockTokens - first, {joined(&LayerArrays::keys), joined(&LayerArrays::values)});
  }
}

void SightCaches::begin(int32_t slot, int32_t tokens, int32_t wanted) {
  int32_t room = room_for(wanted == 0 ? tokens + kUnknownRoom : std::max(tokens, wanted));
  if (window_ > 0) room = std::min(room, whole_blocks(std::max(remembered_tokens(window_) + kUnknownRoom, tokens)));
  places_[slot] = {room, rows_of(room).take(slot), 0};
}

void SightCaches::move(int32_t slot, int32_t room, int32_t first, int32_t end) {
  const auto from = places_.at(slot);
  auto& smaller = rows_of(from.room);
  auto& larger = rows_of(room);
  const int32_t row = room == from.room ? from.row : larger.take(slot);
  for (size_t layer = 0; layer < layers_; ++layer) {
    if (room != from.room && smaller.has_state(layer)) larger.keep_states(layer, {row}, smaller.states(layer, {from.row}));
    const auto held = smaller.layer(layer);
    if (end == first || held.keys.empty() || held.keys[0].shape(0) <= from.row) continue;
    const auto old = [&](const KeptTokens& all) { return CacheRows::tokens_of(all, from.row, first - from.first, end - from.first); };
    larger.append(layer, row, 0, {old(held.keys), old(held.values)});
    if (room != from.room) evaluator_.add_regrowths(2);
  }
  places_.at(slot) = {room, row, first};
  if (room == from.room) return;
  smaller.free(from.row);
  tidy(from.room);
}

CacheRows& SightCaches::rows_of(int32_t room) { return rows_.try_emplace(room, room, layers_, evaluator_).first->second; }

void SightCaches::tidy(int32_t room) {
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

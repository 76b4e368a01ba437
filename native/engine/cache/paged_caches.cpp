#include "paged_caches.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace exo {

namespace {

int64_t sum_over(const std::vector<std::shared_ptr<KvPagePool>>& pools, int64_t (KvPagePool::*bytes)() const) {
  return std::accumulate(pools.begin(), pools.end(), int64_t{0},
                         [bytes](int64_t sum, const auto& pool) { return sum + (pool.get()->*bytes)(); });
}

}  // namespace

PagedCaches::PagedCaches(const KvShape& shape, const std::vector<int32_t>& windows, StateShape states, KvNumber number)
    : sights_(windows.empty() ? std::vector<int32_t>(shape.size(), 0) : windows), number_(number), state_shape_(std::move(states)) {
  std::vector<KvShape> shapes(sights_.windows().size());
  for (size_t layer = 0; layer < shape.size(); ++layer) shapes[sights_.place(layer).sight].push_back(shape[layer]);
  for (const auto& of_sight : shapes) pools_.push_back(std::make_shared<KvPagePool>(of_sight, number));
}

const std::vector<PagedCaches::Pages>& PagedCaches::grow(int32_t slot, int64_t position, int64_t tokens) {
  auto& all = pages_of(slot);
  for (size_t sight = 0; sight < all.size(); ++sight) {
    auto& pages = all[sight];
    while (static_cast<int64_t>(pages.size()) * kPageTokens < position + tokens) pages.push_back(pools_[sight]->take());
    const int32_t window = sights_.windows()[sight];
    if (window == 0) continue;
    if (!pages[static_cast<size_t>(std::max<int64_t>(position - window + 1, 0) / kPageTokens)])
      throw std::logic_error("a sequence was rolled back to tokens that its caches have dropped");
    const int64_t forgotten = std::max<int64_t>(position - remembered_tokens(window), 0) / kPageTokens;
    for (auto page = static_cast<size_t>(forgotten); page > 0 && pages[page - 1]; --page) pages[page - 1].reset();
  }
  return all;
}

void PagedCaches::trim() {
  for (const auto& pool : pools_) pool->trim();
}

int64_t PagedCaches::held_bytes() const {
  return sum_over(pools_, &KvPagePool::held_bytes) + running_state_bytes() + kept_bytes() - kept_page_bytes();
}

int64_t PagedCaches::block_bytes() const { return sum_over(pools_, &KvPagePool::page_bytes); }

int64_t PagedCaches::sequence_bytes() const {
  return sum_over(pools_, &KvPagePool::used_bytes) - kept_page_bytes() + running_state_bytes();
}

int64_t PagedCaches::running_state_bytes() const {
  int64_t count = 0;
  for (const auto& [_, states] : states_) count += 1 + static_cast<int64_t>(states.remembered.size());
  return count * state_bytes();
}

StatePath PagedCaches::advance_state(const PlanSegment& segment) {
  if (state_shape_.empty()) return {};
  auto& [positions, current, remembered, is_shared] = states_[segment.slot];
  const auto empty = [this] { return std::make_shared<SequenceState>(state_shape_); };
  if (segment.position != positions.end()) {
    if (segment.position > 0) current = state_at(states_.at(segment.slot), segment.position);
    const size_t left = segment.position > 0 ? positions.index_of(segment.position) : 0;
    remembered.erase(remembered.begin() + static_cast<ptrdiff_t>(left), remembered.end());
    positions.go_to(segment.position);
    is_shared = true;
  }
  // A running step may still use the states of an earlier sequence.
  if (segment.position == 0) current = empty(), is_shared = false;
  remembered.erase(remembered.begin(), remembered.begin() + static_cast<ptrdiff_t>(positions.add(segment)));
  StatePath path{current, {}};
  if (!is_remembered(segment)) {
    // Steps that still run use the state only before this one does.
    if (std::exchange(is_shared, false)) current = empty();
    path.after.push_back(current);
    return path;
  }
  for (int32_t token = 0; token < segment.tokens; ++token) {
    if (segment.position + token > 0) remembered.push_back(current);
    current = empty();
    path.after.push_back(current);
  }
  is_shared = false;
  return path;
}

std::shared_ptr<SequenceState> PagedCaches::state_at(const States& states, int32_t position) const {
  states.positions.require(position);
  return position == states.positions.end() ? states.current : states.remembered.at(states.positions.index_of(position));
}

bool PagedCaches::has_state_at(int32_t slot, int32_t position) const {
  if (state_shape_.empty() || position == 0) return true;
  const auto found = states_.find(slot);
  return found != states_.end() && found->second.positions.has(position);
}

void PagedCaches::clear() {
  sequences_.clear();
  states_.clear();
  kept_states_.clear();
  blocks_.clear();
}

void PagedCaches::keep(const PlanKeep& order) {
  Block block;
  for (const auto& pages : sequences_.at(order.slot)) {
    block.push_back(pages.at(static_cast<size_t>(order.index)));
    if (!block.back()) throw std::logic_error("a block to be kept has been dropped from its caches");
  }
  blocks_[order.block] = std::move(block);
}

void PagedCaches::keep_state(const PlanStateKeep& order) {
  if (state_shape_.empty()) return;
  auto& states = states_.at(order.slot);
  kept_states_[order.state] = state_at(states, order.position());
  states.is_shared = true;
}

void PagedCaches::release(int32_t slot) {
  sequences_.erase(slot);
  states_.erase(slot);
}

void PagedCaches::drop(int32_t block) { blocks_.erase(block); }

void PagedCaches::share(const PlanShare& order) {
  auto& all = pages_of(order.slot);
  for (size_t sight = 0; sight < all.size(); ++sight) {
    auto& pages = all[sight];
    // Pages of tokens that were rolled back may follow.
    pages.resize(static_cast<size_t>(order.index));
    for (const auto block : order.blocks) pages.push_back(blocks_.at(block)[sight]);
  }
  if (state_shape_.empty()) return;
  States states{{}, kept_states_.at(order.state), {}, true};
  states.positions.restart(order.end());
  states_[order.slot] = std::move(states);
}

std::vector<PagedCaches::Pages>& PagedCaches::pages_of(int32_t slot) {
  auto& pages = sequences_[slot];
  pages.resize(pools_.size());
  return pages;
}

}  // namespace exo

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

int64_t PagedCaches::held_bytes() const { return sum_over(pools_, &KvPagePool::held_bytes) + all_states_bytes(); }

int64_t PagedCaches::block_bytes() const { return sum_over(pools_, &KvPagePool::page_bytes); }

int64_t PagedCaches::sequence_bytes() const { return sum_over(pools_, &KvPagePool::used_bytes) - kept_bytes() + all_states_bytes(); }

std::shared_ptr<SequenceState> PagedCaches::state(int32_t slot, bool begins) {
  if (state_shape_.empty()) return nullptr;
  auto& state = states_[slot];
  // A running step may still use the previous state.
  if (begins || !state) state = std::make_shared<SequenceState>(state_shape_);
  return state;
}

void PagedCaches::clear() {
  sequences_.clear();
  states_.clear();
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
}

std::vector<PagedCaches::Pages>& PagedCaches::pages_of(int32_t slot) {
  auto& pages = sequences_[slot];
  pages.resize(pools_.size());
  return pages;
}

}  // namespace exo

#include "paged_caches.h"

namespace exo {

const PagedCaches::Pages& PagedCaches::grow(int32_t slot, int64_t tokens) {
  auto& pages = sequences_[slot];
  while (static_cast<int64_t>(pages.size()) * kPageTokens < tokens) pages.push_back(pool_->take());
  return pages;
}

void PagedCaches::clear() {
  sequences_.clear();
  blocks_.clear();
}

void PagedCaches::keep(const PlanKeep& order) { blocks_[order.block] = sequences_.at(order.slot).at(static_cast<size_t>(order.index)); }

void PagedCaches::release(int32_t slot) { sequences_.erase(slot); }

void PagedCaches::drop(int32_t block) { blocks_.erase(block); }

void PagedCaches::share(const PlanShare& order) {
  auto& pages = sequences_[order.slot];
  // Room for tokens that were taken back may lie beyond.
  pages.resize(static_cast<size_t>(order.index));
  for (const auto block : order.blocks) pages.push_back(blocks_.at(block));
}

}  // namespace exo

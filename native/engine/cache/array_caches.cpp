#include "array_caches.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int64_t kGrowthTokens = 256;

}  // namespace

ArrayCaches::ArrayCaches(const std::vector<int32_t>& windows, int64_t token_bytes, int64_t state_bytes, GraphEvaluator& evaluator)
    : sights_(windows), token_bytes_(token_bytes), state_bytes_(state_bytes), evaluator_(evaluator) {
  for (size_t sight = 0; sight < sights_.windows().size(); ++sight)
    caches_.emplace_back(sights_.layers_of(sight), sights_.windows()[sight], evaluator);
}

void ArrayCaches::grow(int32_t slot, int32_t position, int32_t tokens) {
  for (auto& caches : caches_) caches.grow(slot, position, tokens, wanted(slot));
}

int64_t ArrayCaches::growth_tokens() const { return kGrowthTokens; }

int64_t ArrayCaches::sequence_bytes() const {
  int64_t bytes = 0;
  for (const auto& caches : caches_) bytes += caches.bytes();
  return bytes;
}

void ArrayCaches::clear() {
  for (auto& caches : caches_) caches.clear();
  wanted_.clear();
  blocks_.clear();
}

void ArrayCaches::keep(const PlanKeep& order) {
  std::vector<SightCaches::Block> block;
  std::vector<mx::array> copies;
  for (auto& caches : caches_) block.push_back(caches.copy(order.slot, order.index, copies));
  // Evaluated now: an unevaluated copy would keep the whole sequence alive, which could then not be written in place.
  evaluator_.start(std::move(copies));
  blocks_.insert_or_assign(order.block, std::move(block));
}

void ArrayCaches::release(int32_t slot) {
  wanted_.erase(slot);
  for (auto& caches : caches_) caches.release(slot);
}

void ArrayCaches::drop(int32_t block) { blocks_.erase(block); }

void ArrayCaches::share(const PlanShare& order) {
  for (size_t sight = 0; sight < caches_.size(); ++sight) {
    std::vector<const SightCaches::Block*> parts;
    for (const auto block : order.blocks) parts.push_back(&blocks_.at(block)[sight]);
    caches_[sight].paste(order.slot, order.index, parts, wanted(order.slot));
  }
}

int32_t ArrayCaches::wanted(int32_t slot) const {
  const auto found = wanted_.find(slot);
  return found == wanted_.end() ? 0 : found->second;
}

}  // namespace exo

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

void ArrayCaches::grow(const PlanSegment& segment) {
  for (auto& caches : caches_) {
    caches.grow(segment.slot, segment.position, segment.tokens, wanted(segment.slot));
    if (state_bytes_ > 0) caches.advance_state(segment);
  }
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
  states_.clear();
}

void ArrayCaches::keep(const PlanKeep& order) {
  std::vector<SightCaches::Block> block;
  std::vector<mx::array> copies;
  for (auto& caches : caches_) block.push_back(caches.copy(order.slot, order.index, copies));
  // Evaluated now: an unevaluated copy would keep the whole sequence alive, which could then not be written in place.
  evaluator_.start(std::move(copies));
  blocks_.insert_or_assign(order.block, std::move(block));
}

void ArrayCaches::keep_state(const PlanStateKeep& order) {
  if (state_bytes_ == 0) return;
  std::vector<SightCaches::States> states;
  std::vector<mx::array> copies;
  for (auto& caches : caches_) states.push_back(caches.copy_state(order.slot, order.position(), copies));
  evaluator_.start(std::move(copies));
  states_.insert_or_assign(order.state, std::move(states));
}

bool ArrayCaches::has_state_at(int32_t slot, int32_t position) const {
  return state_bytes_ == 0 ||
         std::all_of(caches_.begin(), caches_.end(), [&](const auto& caches) { return caches.has_state_at(slot, position); });
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
    if (state_bytes_ > 0) caches_[sight].paste_state(order.slot, order.end(), states_.at(order.state)[sight]);
  }
}

int32_t ArrayCaches::wanted(int32_t slot) const {
  const auto found = wanted_.find(slot);
  return found == wanted_.end() ? 0 : found->second;
}

}  // namespace exo

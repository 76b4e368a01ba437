#pragma once

#include <unordered_map>
#include <vector>

#include "layer_sights.h"
#include "sequence_caches.h"
#include "sight_caches.h"

namespace exo {

/// The caches of all layers in MLX arrays. A kept block is a copy, and a sequence that reuses it copies it again.
class ArrayCaches : public SequenceCaches {
 public:
  /// @param windows one per layer, in tokens; 0: unlimited
  /// @param token_bytes bytes per token, over this rank's layers
  /// @param state_bytes bytes of state per sequence, regardless of its length
  ArrayCaches(const std::vector<int32_t>& windows, int64_t token_bytes, int64_t state_bytes, GraphEvaluator& evaluator);

  const LayerSights& sights() const { return sights_; }
  /// Makes room for a segment's tokens, and brings the states to its position.
  void grow(const PlanSegment& segment);
  /// The place of a sequence that has room; valid until the next plan is executed.
  CachePlace place(size_t sight, int32_t slot) { return caches_[sight].place(slot); }

  int64_t block_bytes() const override { return token_bytes_ * kBlockTokens; }
  int64_t state_bytes() const override { return state_bytes_; }
  int64_t growth_tokens() const override;
  bool makes_rooms() const override { return true; }
  int64_t kept_bytes() const override {
    return static_cast<int64_t>(blocks_.size()) * block_bytes() + static_cast<int64_t>(states_.size()) * state_bytes();
  }
  int64_t sequence_bytes() const override;
  bool forgets() const override { return sights_.forgets(); }
  bool has_state_at(int32_t slot, int32_t position) const override;
  void clear() override;

 private:
  void keep(const PlanKeep& order) override;
  void keep_state(const PlanStateKeep& order) override;
  void release(int32_t slot) override;
  void drop(int32_t block) override;
  void drop_state(int32_t state) override { states_.erase(state); }
  void reserve(const PlanRoom& order) override { wanted_[order.slot] = order.tokens; }
  void share(const PlanShare& order) override;
  int32_t wanted(int32_t slot) const;

  LayerSights sights_;
  int64_t token_bytes_, state_bytes_;
  GraphEvaluator& evaluator_;
  /// One entry per sight.
  std::vector<SightCaches> caches_;
  /// The expected length of each slot's sequence, in tokens.
  std::unordered_map<int32_t, int32_t> wanted_;
  /// For each block, one part per sight.
  std::unordered_map<int32_t, std::vector<SightCaches::Block>> blocks_;
  /// For each kept state, one part per sight.
  std::unordered_map<int32_t, std::vector<SightCaches::States>> states_;
};

}  // namespace exo

#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "cache_rows.h"
#include "sequence_caches.h"

namespace exo {

/// Where a sequence's keys and values lie.
struct CachePlace {
  CacheRows* rows;
  int32_t row;
};

/// Caches in MLX's arrays. A sequence has room for what it will most likely need from the start, and moves to a row of
/// twice the room when that is full. A kept block is a copy, and so is what a sequence takes of it.
class ArrayCaches : public SequenceCaches {
 public:
  /// @param token_bytes of one token, over this rank's layers
  ArrayCaches(size_t layers, int64_t token_bytes, GraphEvaluator& evaluator)
      : layers_(layers), token_bytes_(token_bytes), evaluator_(evaluator) {}

  /// Makes room for a sequence's first `tokens`.
  void grow(int32_t slot, int32_t tokens);
  /// Of a sequence that has room; valid until the next plan is followed.
  CachePlace place(int32_t slot);

  int64_t block_bytes() const override { return token_bytes_ * kBlockTokens; }
  int64_t growth_tokens() const override;
  bool makes_rooms() const override { return true; }
  int64_t kept_bytes() const override { return static_cast<int64_t>(blocks_.size()) * block_bytes(); }
  int64_t sequence_bytes() const override;
  void clear() override;

 private:
  struct Place {
    int32_t room, row;
  };

  void keep(const PlanKeep& order) override;
  void release(int32_t slot) override;
  void drop(int32_t block) override;
  void reserve(const PlanRoom& order) override { wanted_[order.slot] = order.tokens; }
  void share(const PlanShare& order) override;
  CacheRows& rows_of(int32_t room);
  /// After a sequence left its row.
  void tidy(int32_t room);

  size_t layers_;
  int64_t token_bytes_;
  GraphEvaluator& evaluator_;
  /// By room.
  std::map<int32_t, CacheRows> rows_;
  std::unordered_map<int32_t, Place> places_;
  /// Tokens that a slot's sequence will most likely have.
  std::unordered_map<int32_t, int32_t> wanted_;
  std::unordered_map<int32_t, std::vector<LayerArrays>> blocks_;
};

}  // namespace exo

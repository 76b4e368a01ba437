#pragma once

#include "../schedule/step_plan.h"

namespace exo {

/// A rank's keys and values: of sequences, by slot, and of kept blocks, by number. Rank 0's plans alone change them.
class SequenceCaches {
 public:
  virtual ~SequenceCaches() = default;

  /// Does what the plan says of caches.
  void follow(const StepPlan& plan) {
    for (const auto& order : plan.kept) keep(order);
    for (const auto slot : plan.released) release(slot);
    for (const auto block : plan.dropped) drop(block);
    for (const auto& order : plan.rooms) reserve(order);
    for (const auto& order : plan.shared) share(order);
  }

  /// Of one block, over this rank's layers.
  virtual int64_t block_bytes() const = 0;
  /// Bytes of state per sequence over this rank's layers, regardless of its length.
  virtual int64_t state_bytes() const { return 0; }
  /// By which a sequence grows.
  virtual int64_t growth_tokens() const { return kBlockTokens; }
  /// A sequence takes what its plan's rooms say from the start.
  virtual bool makes_rooms() const { return false; }
  /// Of kept blocks, also where sequences share them.
  virtual int64_t kept_bytes() const = 0;
  /// Of sequences, without what they share.
  virtual int64_t sequence_bytes() const = 0;
  /// Layers with windows drop tokens outside them: a sequence cannot be rolled back further than kRememberedBehind.
  virtual bool forgets() const = 0;
  /// After a step broke: nothing of it may be used.
  virtual void clear() = 0;

 private:
  virtual void keep(const PlanKeep& order) = 0;
  virtual void release(int32_t slot) = 0;
  virtual void drop(int32_t block) = 0;
  /// Nothing is allocated yet.
  virtual void reserve(const PlanRoom&) {}
  virtual void share(const PlanShare& order) = 0;
};

}  // namespace exo

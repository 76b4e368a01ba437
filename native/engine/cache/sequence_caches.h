#pragma once

#include "../schedule/step_plan.h"

namespace exo {

/// A rank's keys and values: those of sequences, by slot, and those of kept blocks, by number. Only rank 0's plans
/// change them.
class SequenceCaches {
 public:
  virtual ~SequenceCaches() = default;

  /// Executes the parts of the plan that concern caches.
  void follow(const StepPlan& plan) {
    for (const auto& order : plan.kept) keep(order);
    for (const auto& order : plan.kept_states) keep_state(order);
    for (const auto slot : plan.released) release(slot);
    for (const auto block : plan.dropped) drop(block);
    for (const auto state : plan.dropped_states) drop_state(state);
    for (const auto& order : plan.rooms) reserve(order);
    for (const auto& order : plan.shared) share(order);
  }

  /// Bytes of one block over this rank's layers.
  virtual int64_t block_bytes() const = 0;
  /// Bytes of state per sequence over this rank's layers, regardless of its length.
  virtual int64_t state_bytes() const { return 0; }
  /// The number of tokens by which a sequence's memory grows.
  virtual int64_t growth_tokens() const { return kBlockTokens; }
  /// Whether a sequence allocates the room that its plan names from the start.
  virtual bool makes_rooms() const { return false; }
  /// Bytes of kept blocks and states, including those that sequences share.
  virtual int64_t kept_bytes() const = 0;
  /// Bytes of sequences, without shared blocks.
  virtual int64_t sequence_bytes() const = 0;
  /// Layers with windows drop tokens outside them: a sequence cannot be rolled back further than kRememberedBehind.
  virtual bool forgets() const = 0;
  /// Whether a slot's sequence can go on after its first `position` tokens, as far as states are concerned.
  virtual bool has_state_at(int32_t slot, int32_t position) const = 0;
  /// Discards everything. Call it after a step fails.
  virtual void clear() = 0;

 private:
  virtual void keep(const PlanKeep& order) = 0;
  virtual void keep_state(const PlanStateKeep& order) = 0;
  virtual void release(int32_t slot) = 0;
  virtual void drop(int32_t block) = 0;
  virtual void drop_state(int32_t state) = 0;
  /// Notes the expected length of a sequence. It allocates nothing yet.
  virtual void reserve(const PlanRoom&) {}
  virtual void share(const PlanShare& order) = 0;
};

}  // namespace exo

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace exo {

/// The rows of a segment for which logits are computed.
enum class SegmentOutput : int32_t { None = 0, Last = 1, All = 2 };

/// Consecutive tokens of one sequence.
struct PlanSegment {
  /// Index of the sequence's cache.
  int32_t slot;
  /// Position of the first token in its sequence.
  int32_t position;
  int32_t tokens;
  SegmentOutput output;

  bool operator==(const PlanSegment&) const = default;
};

/// Tokens in a block, the unit in which keys and values are kept and shared. A block starts at a multiple of this.
inline constexpr int32_t kBlockTokens = 64;

/// A full block of a slot's sequence to keep under a number.
struct PlanKeep {
  int32_t slot;
  /// Index of the block in the sequence.
  int32_t index;
  int32_t block;

  bool operator==(const PlanKeep&) const = default;
};

/// The state of a slot's sequence after its first `blocks` blocks, to keep under a number. Such numbers are not those of blocks.
struct PlanStateKeep {
  int32_t slot;
  int32_t blocks;
  int32_t state;

  int32_t position() const { return blocks * kBlockTokens; }
  bool operator==(const PlanStateKeep&) const = default;
};

/// The expected length of a slot's sequence, so that its cache is allocated once.
struct PlanRoom {
  int32_t slot;
  int32_t tokens;

  bool operator==(const PlanRoom&) const = default;
};

/// Kept blocks with which a slot's sequence starts or continues.
struct PlanShare {
  int32_t slot;
  /// Index of the first of these blocks in the sequence.
  int32_t index;
  std::vector<int32_t> blocks;
  /// The kept state after the last of them; below 0: the model keeps none.
  int32_t state = -1;

  int32_t end() const { return (index + static_cast<int32_t>(blocks.size())) * kBlockTokens; }
  bool operator==(const PlanShare&) const = default;
};

/// What every rank does in one step: first the changes to its caches, in the order of the fields, then the tokens of
/// several sequences, one segment each.
struct StepPlan {
  /// Blocks that earlier steps have filled.
  std::vector<PlanKeep> kept;
  std::vector<PlanStateKeep> kept_states;
  /// Slots whose sequences have ended.
  std::vector<int32_t> released;
  /// Numbers of evicted blocks. Sequences that share them are not affected.
  std::vector<int32_t> dropped;
  std::vector<int32_t> dropped_states;
  /// Rooms for new sequences. They are not sent, because the other ranks may run a version without them.
  std::vector<PlanRoom> rooms;
  std::vector<PlanShare> shared;
  std::vector<PlanSegment> segments;
  /// The segments' tokens in order. A negative value refers to the token drawn for sample row -1 - value of the
  /// previous step.
  std::vector<int32_t> tokens;
  /// There is no more work: the other ranks leave their loops after this step.
  bool is_last = false;

  bool is_empty() const { return segments.empty(); }
  bool operator==(const StepPlan&) const = default;
};

/// The plan as numbers, as rank 0 sends it to the others.
std::vector<int32_t> encode_plan(const StepPlan& plan);

/// @throws std::invalid_argument if the numbers are not a valid plan
StepPlan decode_plan(std::span<const int32_t> numbers);

}  // namespace exo

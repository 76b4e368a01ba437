#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace exo {

/// Rows of a segment that go through the head.
enum class SegmentOutput : int32_t { None = 0, Last = 1, All = 2 };

/// A run of consecutive tokens of one sequence.
struct PlanSegment {
  /// Place of the sequence's cache.
  int32_t slot;
  /// Of the first token in its sequence.
  int32_t position;
  int32_t tokens;
  SegmentOutput output;

  bool operator==(const PlanSegment&) const = default;
};

/// Tokens whose keys and values are kept and shared together, of consecutive positions from a multiple of this.
inline constexpr int32_t kBlockTokens = 64;

/// A whole block of a slot's sequence that is kept under a number.
struct PlanKeep {
  int32_t slot;
  /// Place in the sequence, in blocks.
  int32_t index;
  int32_t block;

  bool operator==(const PlanKeep&) const = default;
};

/// What a slot's sequence will most likely come to, so that its cache is made once.
struct PlanRoom {
  int32_t slot;
  int32_t tokens;

  bool operator==(const PlanRoom&) const = default;
};

/// Kept blocks that a slot's sequence begins, or goes on, with.
struct PlanShare {
  int32_t slot;
  /// Of the first of them in the sequence, in blocks.
  int32_t index;
  std::vector<int32_t> blocks;

  bool operator==(const PlanShare&) const = default;
};

/// What every rank does in one step: first with its caches, in the order of the fields, then the tokens of several
/// sequences, flat, each run with its own cache.
struct StepPlan {
  /// Filled by earlier steps.
  std::vector<PlanKeep> kept;
  /// Slots whose sequences have ended.
  std::vector<int32_t> released;
  /// Numbers of blocks that are kept no longer. Sequences that share them go on.
  std::vector<int32_t> dropped;
  /// Of sequences that begin. Rank 0 keeps it for itself: the others may be of a version that knows no rooms.
  std::vector<PlanRoom> rooms;
  std::vector<PlanShare> shared;
  std::vector<PlanSegment> segments;
  /// The segments' tokens in order. Below 0: the token that row -1 - value of the previous step's samples drew.
  std::vector<int32_t> tokens;
  /// Nothing is left to do: followers leave the loop after it.
  bool is_last = false;

  bool is_empty() const { return segments.empty(); }
  bool operator==(const StepPlan&) const = default;
};

/// The plan as the numbers that rank 0 sends to the others.
std::vector<int32_t> encode_plan(const StepPlan& plan);

/// @throws std::invalid_argument if the numbers are no plan
StepPlan decode_plan(std::span<const int32_t> numbers);

}  // namespace exo

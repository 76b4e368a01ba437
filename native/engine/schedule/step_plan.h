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

/// What every rank does in one step: the tokens of several sequences, flat, each run with its own cache.
struct StepPlan {
  /// Slots whose caches are dropped before the step.
  std::vector<int32_t> released;
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

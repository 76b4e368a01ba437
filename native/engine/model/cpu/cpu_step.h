#pragma once

#include <span>
#include <vector>

#include "../../cache/paged_caches.h"
#include "../decoder.h"

namespace exo {

/// Cosines and sines of a step's tokens [tokens, half] for one rope, multiplied by its magnitude.
struct Rotation {
  std::vector<float> cosines, sines;
};

/// A step and what the CPU kernels need to know about its tokens.
class CpuStep : public PreparedStep {
 public:
  /// Makes room in the caches for the plan's segments.
  CpuStep(StepPlan plan, PagedCaches& caches, std::span<const RopeSpec> ropes);

  /// The position and the segment of each token, and the rotations of all tokens for each rope.
  std::vector<int32_t> positions;
  std::vector<int32_t> segments;
  std::vector<Rotation> rotations;
  /// For each segment: its sequence's pages by sight, kept alive while the step runs.
  std::vector<std::vector<PagedCaches::Pages>> pages;
  /// For each segment: the states of its sequence.
  std::vector<StatePath> states;
};

}  // namespace exo

#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "../schedule/step_plan.h"
#include "layer_sights.h"

namespace exo {

/// Whether the states after each token of a segment are remembered, so that the sequence can go back to them: the tokens are
/// proposals of a draft, or a draft draws them.
constexpr bool is_remembered(const PlanSegment& segment) {
  return segment.output == SegmentOutput::All && segment.tokens <= kRememberedBehind + 1;
}

/// States that a draft remembers of a sequence, as it draws token by token; more than it proposes at once.
inline constexpr size_t kRememberedStates = 12;

/// The positions of a sequence whose states are known: its end, whose state is the current one, and earlier ones that are
/// remembered. Pure: the states themselves are in the caches.
class StatePositions {
 public:
  /// The number of tokens that the current state has seen.
  int32_t end() const { return end_; }
  bool has(int32_t position) const { return position == 0 || (position >= first_ && position <= end_); }
  /// The place of an earlier position among the remembered ones.
  size_t index_of(int32_t position) const { return static_cast<size_t>(position - first_); }

  /// Goes back to a position; later ones are forgotten.
  void go_to(int32_t position) {
    require(position);
    end_ = position;
    if (position == 0) first_ = 0;
  }
  void require(int32_t position) const {
    if (!has(position)) throw std::logic_error("a sequence was rolled back to a state that its caches have dropped");
  }

  /// Adds a segment that begins at the end. If it is remembered, the states before each of its tokens are, except that of a
  /// sequence without tokens. @returns the number of positions that are forgotten, oldest first
  size_t add(const PlanSegment& segment) {
    const auto held = static_cast<size_t>(end_ - std::min(first_, end_));
    const bool is_kept = is_remembered(segment), continues = is_kept && segment.tokens == 1;
    const size_t forgotten = !continues ? held : held >= kRememberedStates ? 1 : 0;
    first_ = continues ? first_ + static_cast<int32_t>(forgotten) : is_kept ? end_ : end_ + segment.tokens;
    first_ = std::max(first_, 1);
    end_ += segment.tokens;
    return forgotten;
  }
  void restart(int32_t position) { first_ = end_ = position; }

 private:
  int32_t first_ = 0, end_ = 0;
};

}  // namespace exo

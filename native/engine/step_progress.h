#pragma once

#include <atomic>
#include <cstdint>

namespace exo {

/// The progress of the current step. It is written where the work is done, and any thread may read it at any time.
/// Waiting for other ranks is not progress.
struct StepProgress {
  /// Layers, output heads and steps that this process has evaluated since it started; never decreases.
  std::atomic<int64_t> layers_done{0};
  /// Tokens of the oldest running step; 0 between steps.
  std::atomic<int64_t> step_tokens{0};
};

}  // namespace exo

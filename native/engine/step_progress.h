#pragma once

#include <atomic>
#include <cstdint>

namespace exo {

/// How far the step that runs has come; written where the work is done, read by any thread at any time. Waits for other
/// ranks move nothing.
struct StepProgress {
  /// Layers, heads and steps that this process has evaluated since it began; only ever grows.
  std::atomic<int64_t> layers_done{0};
  /// Of the oldest step that is under way; 0 between steps.
  std::atomic<int64_t> step_tokens{0};
};

}  // namespace exo

#pragma once

#include <algorithm>
#include <cstdint>

namespace exo {

/// What evaluation cost. All but the time are counts, which are the same on every machine.
struct StepCounts {
  int64_t primitives = 0;
  /// Graphs that were handed to MLX.
  int64_t evaluations = 0;
  /// Arrays that pass between MLX's own operations and work of the CPU: host tasks and messages.
  int64_t hand_offs = 0;
  /// Graphs in which work of this rank waits for a message of another one. macOS ends work of the GPU that waits for long.
  int64_t mixed_receives = 0;
  /// Arrays of keys or of values that were copied into larger ones.
  int64_t kv_regrowths = 0;
  /// Processor time of the thread that builds and launches.
  double host_ms = 0;
  /// The most that MLX kept for later allocations.
  int64_t cache_bytes = 0;

  void add(const StepCounts& other) {
    primitives += other.primitives;
    evaluations += other.evaluations;
    hand_offs += other.hand_offs;
    mixed_receives += other.mixed_receives;
    kv_regrowths += other.kv_regrowths;
    host_ms += other.host_ms;
    cache_bytes = std::max(cache_bytes, other.cache_bytes);
  }
};

}  // namespace exo

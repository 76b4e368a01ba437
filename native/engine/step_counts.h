#pragma once

#include <algorithm>
#include <cstdint>

namespace exo {

/// The cost of evaluation. Everything but the time is a count and the same on every machine.
struct StepCounts {
  int64_t primitives = 0;
  /// Graphs that were passed to MLX.
  int64_t evaluations = 0;
  /// Arrays that pass between MLX's own operations and CPU work: host tasks and messages.
  int64_t hand_offs = 0;
  /// Graphs in which work of this rank waits for a message from another one. macOS ends GPU work that waits for long.
  int64_t mixed_receives = 0;
  /// Arrays of keys or values that were copied into larger ones.
  int64_t kv_regrowths = 0;
  /// CPU time of the thread that builds and launches graphs, in milliseconds.
  double host_ms = 0;
  /// The most bytes that MLX has kept for later allocations.
  int64_t cache_bytes = 0;
  /// The most keys that a query of one attention could read.
  int64_t attended_keys = 0;
  /// Products and cache writes in float32, which a model of half floats has no need of.
  int64_t wide_products = 0;

  void add(const StepCounts& other) {
    primitives += other.primitives;
    evaluations += other.evaluations;
    hand_offs += other.hand_offs;
    mixed_receives += other.mixed_receives;
    kv_regrowths += other.kv_regrowths;
    host_ms += other.host_ms;
    cache_bytes = std::max(cache_bytes, other.cache_bytes);
    attended_keys = std::max(attended_keys, other.attended_keys);
    wide_products += other.wide_products;
  }
};

}  // namespace exo

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/decoder_spec.h"
#include "parallel/rank_group.h"
#include "schedule/scheduler.h"

namespace exo {

struct EngineSettings {
  DecoderSpec decoder;
  SchedulerLimits limits;
  /// What the prefix cache may take of this rank's memory; 0: there is none.
  int64_t prefix_cache_bytes = 0;
  /// What sequences and the prefix cache may take together of this rank's memory; 0: whatever they need.
  int64_t cache_bytes = 0;
  /// Limit for a draft's weights and caches at rank 0, in bytes; absent: unlimited.
  std::optional<int64_t> draft_bytes;
  /// Longest sequence.
  int32_t context_tokens = 0;
  int32_t threads = 1;
  Backend backend = Backend::Local;
  Strategy strategy = Strategy::Pipeline;
  int32_t rank = 0;
  int32_t world_size = 1;
  /// Only with `Backend::Ring`.
  std::optional<RingPlace> ring;
  /// Composes MLX's own operations, as a GPU must, also where the CPU kernels could run.
  bool use_arrays = false;
  /// With arrays on the CPU: half floats are computed as they are stored, as on a GPU, not widened.
  bool keeps_types = false;
  /// Counts what each step costs; see StepCounts.
  bool counts_steps = false;
};

}  // namespace exo

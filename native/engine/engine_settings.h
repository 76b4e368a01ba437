#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/decoder_spec.h"
#include "model/encoder_spec.h"
#include "parallel/rank_group.h"
#include "schedule/scheduler.h"

namespace exo {

struct EngineSettings {
  DecoderSpec decoder;
  /// In place of a decoder.
  std::optional<EncoderSpec> encoder;
  SchedulerLimits limits;
  /// How many bytes of this rank's memory the prefix cache may use; 0: no prefix cache.
  int64_t prefix_cache_bytes = 0;
  /// How many bytes of this rank's memory sequences and the prefix cache may use together; 0: unlimited.
  int64_t cache_bytes = 0;
  /// Limit for a draft's weights and caches at rank 0, in bytes; absent: unlimited.
  std::optional<int64_t> draft_bytes;
  /// The most tokens in a sequence.
  int32_t context_tokens = 0;
  int32_t threads = 1;
  Backend backend = Backend::Local;
  Strategy strategy = Strategy::Pipeline;
  int32_t rank = 0;
  int32_t world_size = 1;
  /// Only with `Backend::Ring`.
  std::optional<RingPlace> ring;
  /// Uses MLX's operations, as on a GPU, even if the CPU kernels support the model.
  bool use_arrays = false;
  /// For MLX's operations on the CPU: computes with half floats as they are stored, as on a GPU, instead of widening
  /// them.
  bool keeps_types = false;
  /// Bits per number of the KV cache, which MLX's operations then read packed; 0: as computed.
  int32_t kept_bits = 0;
  /// Whether to count the cost of each step; see StepCounts.
  bool counts_steps = false;
};

}  // namespace exo

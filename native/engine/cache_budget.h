#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "cache/sequence_caches.h"
#include "engine_settings.h"
#include "schedule/scheduler.h"

namespace exo {

/// How much a rank's memory limit allows its caches.
class CacheBudget {
 public:
  CacheBudget(const SequenceCaches& caches, const EngineSettings& settings) : caches_(caches), settings_(settings) {}

  /// How many blocks of tokens fit, besides the windows and states of running sequences.
  int64_t own_blocks() const {
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    // A rank may have no layers with a KV cache.
    return caches_.block_bytes() > 0 ? std::min(bytes() / caches_.block_bytes(), most) : most;
  }

  /// How many blocks the memory of a state would hold. @param blocks the number of blocks that fit on every rank
  int32_t own_state_blocks(int32_t blocks) const {
    const auto all = static_cast<double>(std::max<int64_t>(bytes(), 1));
    const double count = std::ceil(blocks * (static_cast<double>(caches_.state_bytes()) / all));
    return static_cast<int32_t>(std::clamp(count, 1.0, static_cast<double>(std::numeric_limits<int32_t>::max() / 2)));
  }

  /// The blocks that one sequence with the longest context needs. It is always allowed to run to its end.
  int64_t context_blocks() const {
    const int64_t growth_tokens = caches_.growth_tokens();
    return (settings_.context_tokens + kAheadTokens + growth_tokens - 1) / growth_tokens * (growth_tokens / kBlockTokens);
  }

  /// The most tokens that running sequences can keep together.
  int64_t most_kept_tokens() const {
    const int64_t blocks =
        settings_.cache_bytes > 0 ? std::max(own_blocks(), context_blocks()) : settings_.limits.max_batch * context_blocks();
    return std::min(blocks, settings_.limits.max_batch * context_blocks()) * kBlockTokens;
  }

 private:
  int64_t bytes() const {
    const int64_t states = caches_.state_bytes() * settings_.limits.max_batch;
    return settings_.cache_bytes > 0 ? std::max<int64_t>(0, settings_.cache_bytes - states) : settings_.prefix_cache_bytes;
  }

  const SequenceCaches& caches_;
  const EngineSettings& settings_;
};

}  // namespace exo

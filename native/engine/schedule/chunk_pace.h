#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exo {

/// How many prompt tokens to prefill in a step in which other sequences decode: as many as this machine can process
/// without a noticeable delay for those sequences, as measured in earlier steps. Pure: no clock.
class ChunkPace {
 public:
  /// @param most_tokens the largest chunk
  /// @param limit_ms the longest that a step with a chunk should take
  ChunkPace(int32_t most_tokens, double limit_ms)
      : most_tokens_(most_tokens), limit_ms_(limit_ms), tokens_(std::min(kFirstTokens, most_tokens)) {}

  int32_t tokens() const { return tokens_; }

  /// Records a step. @param tokens prompt tokens and decoded tokens of the step
  void add(int64_t tokens, double duration_ms) {
    // A short step consists mostly of fixed costs, so it does not predict a long one.
    if (tokens < kLeastTokens || duration_ms <= 0) return;
    const double fitting = static_cast<double>(tokens) * limit_ms_ / duration_ms;
    // The pace changes by a factor of 2 at most, because a single step may have been delayed.
    const double bounded = std::clamp(fitting, tokens_ / 2.0, tokens_ * 2.0);
    tokens_ = std::clamp(static_cast<int32_t>(std::lround(bounded)), std::min(kLeastTokens, most_tokens_), most_tokens_);
  }

 private:
  static constexpr int32_t kFirstTokens = 32;
  static constexpr int32_t kLeastTokens = 16;

  int32_t most_tokens_;
  double limit_ms_;
  int32_t tokens_;
};

}  // namespace exo

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exo {

/// How many prompt tokens a step takes beside sequences that decode: as many as this machine evaluates in a time that their
/// readers hardly notice, by what the steps before took. Pure: no clock.
class ChunkPace {
 public:
  /// @param most_tokens of any chunk
  /// @param limit_ms of a step with a chunk
  ChunkPace(int32_t most_tokens, double limit_ms)
      : most_tokens_(most_tokens), limit_ms_(limit_ms), tokens_(std::min(kFirstTokens, most_tokens)) {}

  int32_t tokens() const { return tokens_; }

  /// A step ended. @param tokens of prompts and of sequences that decode
  void add(int64_t tokens, double duration_ms) {
    // The fixed part of a short step says little of a long one.
    if (tokens < kLeastTokens || duration_ms <= 0) return;
    const double fitting = static_cast<double>(tokens) * limit_ms_ / duration_ms;
    // One step that was held up is no reason to crawl, and a guess is not to be trusted far.
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

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exo {

/// How many tokens of a prompt a pipeline processes in one step. Its stages process chunks one after the other, so a stage waits for as
/// many chunks as there are stages before it: smaller chunks wait less, but each has a fixed cost. With chunks of c tokens, n tokens take
/// (n / c + stages - 1) * (c + cost), which is least for c = sqrt(n * cost / (stages - 1)). All chunks are equal, because a long one
/// would delay the stages behind it. Pure.
/// @param tokens the tokens of the whole prompt, less those that were cached
/// @param stages at least 2
/// @param cost_tokens the fixed cost of a chunk, as that of so many tokens
inline int32_t pipeline_chunk_tokens(int64_t tokens, int32_t stages, int32_t cost_tokens) {
  constexpr int64_t kLeastTokens = 32;
  const auto best = static_cast<int64_t>(std::sqrt(static_cast<double>(tokens) * cost_tokens / (stages - 1)));
  const int64_t chunks = std::max<int64_t>(tokens / std::max(best, kLeastTokens), 1);
  return static_cast<int32_t>((tokens + chunks - 1) / chunks);
}

}  // namespace exo

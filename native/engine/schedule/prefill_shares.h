#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace exo {

/// Divides a chunk among prompts. Half of it is for the oldest prompt, so that none waits forever. The rest goes to the
/// prompts with the fewest remaining tokens, so that a short prompt need not wait for a long one.
/// @param left the remaining tokens of each prompt, oldest first
std::vector<int32_t> prefill_shares(std::span<const int32_t> left, int32_t chunk_tokens);

}  // namespace exo

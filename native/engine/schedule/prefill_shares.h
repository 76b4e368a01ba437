#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace exo {

/// How many tokens of each prompt go into a chunk. Half of it is for the oldest prompt, so that none waits for ever; the
/// rest goes to those that have least left, so that a short one need not wait for a long one to end.
///
/// @param left per prompt, oldest first: its tokens that are still to be given
std::vector<int32_t> prefill_shares(std::span<const int32_t> left, int32_t chunk_tokens);

}  // namespace exo

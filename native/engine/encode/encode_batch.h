#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace exo {

/// The size of a batch up to which padding costs less than a batch of its own.
constexpr int64_t kSmallBatchTokens = 256;

/// Chooses texts that are encoded together, padded to the longest: the oldest, and others of similar length.
///
/// @param lengths of the waiting texts in tokens, oldest first
/// @param most_tokens of a batch with its padding; a longer text is alone
/// @returns indices, oldest first
inline std::vector<size_t> choose_encode_batch(const std::vector<int32_t>& lengths, int64_t most_tokens) {
  std::vector<size_t> chosen;
  int64_t shortest = 0, longest = 0;
  for (size_t index = 0; index < lengths.size(); ++index) {
    const int64_t low = chosen.empty() ? lengths[index] : std::min<int64_t>(shortest, lengths[index]);
    const int64_t high = std::max<int64_t>(longest, lengths[index]);
    const auto padded = static_cast<int64_t>(chosen.size() + 1) * high;
    const bool is_alike = high <= 2 * low || padded <= std::min(kSmallBatchTokens, most_tokens);
    if (!chosen.empty() && (padded > most_tokens || !is_alike)) continue;
    chosen.push_back(index);
    shortest = low, longest = high;
  }
  return chosen;
}

}  // namespace exo

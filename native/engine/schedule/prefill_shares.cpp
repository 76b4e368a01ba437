#include "prefill_shares.h"

#include <algorithm>
#include <numeric>

namespace exo {

std::vector<int32_t> prefill_shares(std::span<const int32_t> left, int32_t chunk_tokens) {
  std::vector<int32_t> shares(left.size(), 0);
  if (left.empty()) return shares;
  shares[0] = std::min(left[0], (chunk_tokens + 1) / 2);
  int32_t budget = chunk_tokens - shares[0];
  std::vector<size_t> shortest_first(left.size());
  std::iota(shortest_first.begin(), shortest_first.end(), size_t{0});
  std::stable_sort(shortest_first.begin(), shortest_first.end(), [&](size_t a, size_t b) { return left[a] < left[b]; });
  for (const auto index : shortest_first) {
    const int32_t more = std::min(left[index] - shares[index], budget);
    shares[index] += more;
    budget -= more;
  }
  return shares;
}

}  // namespace exo

#include "device_memory.h"

#include <mlx/mlx.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <variant>

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int64_t kStepsPerClear = 256;
constexpr int64_t kLeastCacheBytes = int64_t{256} << 20;
/// Of what the GPU should use at most.
constexpr int64_t kCachePart = 20;

/// What the GPU should use at most; 0 without one.
int64_t working_set_bytes() {
  if (mx::default_device() != mx::Device::gpu) return 0;
  const auto& facts = mx::device_info(mx::default_device());
  const auto found = facts.find("max_recommended_working_set_size");
  return found == facts.end() ? 0 : static_cast<int64_t>(std::get<size_t>(found->second));
}

}  // namespace

int64_t cache_limit_bytes() {
  static const int64_t limit = std::max(kLeastCacheBytes, working_set_bytes() / kCachePart);
  return limit;
}

void bound_device_memory() {
  static std::once_flag once;
  std::call_once(once, [] {
    mx::set_cache_limit(static_cast<size_t>(cache_limit_bytes()));
    // Weights that are not wired are paged in again for every step once they fill most of the memory.
    if (const auto bytes = working_set_bytes(); bytes > 0) mx::set_wired_limit(static_cast<size_t>(bytes));
  });
}

void bound_cache(int64_t steps, bool was_prefill) {
  if (was_prefill || steps % kStepsPerClear == 0 || static_cast<int64_t>(mx::get_cache_memory()) > cache_limit_bytes()) mx::clear_cache();
}

}  // namespace exo

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
/// MLX's cache may use one part in this many of the GPU's recommended memory.
constexpr int64_t kCachePart = 20;

/// The memory that the GPU should use at most, in bytes; 0 without a GPU.
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
    // Unwired weights are paged in again at each step if they fill most of the memory.
    if (const auto bytes = working_set_bytes(); bytes > 0) mx::set_wired_limit(static_cast<size_t>(bytes));
  });
}

void bound_cache(int64_t steps, bool was_prefill) {
  if (was_prefill || steps % kStepsPerClear == 0 || static_cast<int64_t>(mx::get_cache_memory()) > cache_limit_bytes()) mx::clear_cache();
}

}  // namespace exo

#pragma once

#include <cstdint>

namespace exo {

/// How many bytes of freed memory MLX may keep for later allocations.
int64_t cache_limit_bytes();

/// Sets MLX's limits, once per process: the size of its cache and, on a GPU, how much memory stays wired.
void bound_device_memory();

/// Call it after each step. As in mlx-lm, MLX's cache is cleared after a prefill chunk and after every 256 steps.
void bound_cache(int64_t steps, bool was_prefill);

}  // namespace exo

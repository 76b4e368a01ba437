#pragma once

#include <cstdint>

namespace exo {

/// What MLX may keep of freed memory for later allocations.
int64_t cache_limit_bytes();

/// Sets MLX's limits, once per process: its cache, and on a GPU how much memory stays wired.
void bound_device_memory();

/// Called after each step. As in mlx-lm, what a prompt's chunk leaves is not kept, nor what many steps leave.
void bound_cache(int64_t steps, bool was_prefill);

}  // namespace exo

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "thread_pool.h"

namespace exo {

/// Below this amount of work, threads cost more than they save.
inline constexpr int64_t kSharedWork = 16384;

/// Calls body(begin, end) for parts of [0, rows), on all threads if there is enough work per row.
inline void for_rows(ThreadPool& pool, int64_t rows, int64_t work_per_row, const std::function<void(int64_t begin, int64_t end)>& body) {
  if (rows * work_per_row < kSharedWork || rows == 1) return body(0, rows);
  const int64_t tasks = std::min<int64_t>(rows, pool.threads() * 4);
  pool.run(tasks, [&](int64_t task) { body(rows * task / tasks, rows * (task + 1) / tasks); });
}

}  // namespace exo

#pragma once

#include <cstdint>
#include <memory>

namespace exo {

struct UnmapMemory {
  int64_t bytes = 0;
  void operator()(void* memory) const;
};

/// Whole pages of the system, which get them back at once when it ends: malloc would keep what a model leaves.
using PageMemory = std::unique_ptr<void, UnmapMemory>;

/// Zeroed memory. @throws EngineError `out-of-memory`
PageMemory allocate_pages(int64_t bytes);

}  // namespace exo

#pragma once

#include <cstdint>
#include <memory>

namespace exo {

struct UnmapMemory {
  int64_t bytes = 0;
  void operator()(void* memory) const;
};

/// Memory in whole pages, returned to the operating system as soon as this object ends. malloc would keep the memory of
/// an unloaded model.
using PageMemory = std::unique_ptr<void, UnmapMemory>;

/// Allocates zeroed memory. @throws EngineError `out-of-memory`
PageMemory allocate_pages(int64_t bytes);

}  // namespace exo

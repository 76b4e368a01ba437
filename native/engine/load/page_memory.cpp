#include "page_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <string>

#include "../engine_error.h"

namespace exo {

void UnmapMemory::operator()(void* memory) const { ::munmap(memory, static_cast<size_t>(bytes)); }

PageMemory allocate_pages(int64_t bytes) {
  const int64_t size = std::max<int64_t>(bytes, 1);
  void* memory = ::mmap(nullptr, static_cast<size_t>(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw EngineError("out-of-memory",
                      "the model does not fit into this machine's memory: " + std::to_string(bytes) + " bytes could not be had");
  }
  return PageMemory(memory, UnmapMemory{size});
}

}  // namespace exo

#pragma once

#include <cstdint>
#include <stdexcept>

#include "weight_source.h"

namespace exo {

constexpr int64_t stored_bytes(StoredType type) {
  switch (type) {
    case StoredType::Uint8: return 1;
    case StoredType::Float16:
    case StoredType::BFloat16: return 2;
    case StoredType::Float32:
    case StoredType::Uint32: return 4;
  }
  throw std::invalid_argument("a stored type of unknown size");
}

}  // namespace exo

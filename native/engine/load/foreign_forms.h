#pragma once

#include <cstdint>

#include "weight_reader.h"

namespace exo {

/// Reads rows [row, row + count) of the needed part of a tensor that lies in the files in the layout of another program.
/// @param tensor has a `form`
/// @param to [count, column_count()] in the tensor's type
/// @throws EngineError `model-damaged`
void read_foreign_rows(const TensorSource& tensor, WeightReader& reader, int64_t row, int64_t count, void* to);

}  // namespace exo

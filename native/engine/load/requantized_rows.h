#pragma once

#include "stored_parts.h"

namespace exo {

/// Reads rows of a tensor whose values are quantized again: to 8-bit numbers in groups of 64.
/// @param tensor has a `form` with a layout
/// @throws EngineError `model-damaged`
void read_requantized(const TensorSource& tensor, WeightReader& reader, const Rows& rows, void* to);

}  // namespace exo

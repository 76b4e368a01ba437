#pragma once

#include <optional>
#include <string>

#include "../decoder_spec.h"

namespace exo {

/// The first feature of a model that the CPU kernels do not support. If there is none, `CpuDecoder` can run the model.
/// Otherwise `ArrayDecoder` runs it, on any device.
std::optional<std::string> cpu_obstacle(const DecoderSpec& spec);

}  // namespace exo

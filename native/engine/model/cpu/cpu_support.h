#pragma once

#include <optional>
#include <string>

#include "../decoder_spec.h"

namespace exo {

/// The first feature of a model that the CPU's own kernels do not have, by its name; nothing: `CpuDecoder` runs it all.
/// What it names goes to `ArrayDecoder`, on any device.
std::optional<std::string> cpu_obstacle(const DecoderSpec& spec);

}  // namespace exo

#pragma once

#include <napi.h>

#include "../engine/model/decoder_spec.h"

namespace exo {

/// Converts the facade's `DecoderPlan` field by field.
DecoderSpec to_decoder(const Napi::Value& from);

}  // namespace exo

#pragma once

#include <napi.h>

#include "../engine/model/decoder_spec.h"

namespace exo {

/// What `DecoderPlan` of the facade says, field by field.
DecoderSpec to_decoder(const Napi::Object& object);

}  // namespace exo

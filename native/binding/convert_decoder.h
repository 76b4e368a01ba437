#pragma once

#include <napi.h>

#include "../engine/model/decoder_spec.h"
#include "../engine/model/encoder_spec.h"

namespace exo {

/// Converts the facade's `DecoderPlan` field by field.
DecoderSpec to_decoder(const Napi::Value& from);
/// The same for an `EncoderPlan`.
EncoderSpec to_encoder(const Napi::Value& from);

}  // namespace exo

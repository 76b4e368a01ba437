#pragma once

#include <napi.h>

#include "../engine/engine.h"

namespace exo {

/// The facade has validated every value, so these read without checks of their own.
EngineSettings to_settings(const Napi::Object& settings);
GenerationRequest to_request(const Napi::Object& request);

Napi::Object from_stats(Napi::Env env, const EngineStats& stats);
Napi::Object from_event(Napi::Env env, const EngineEvent& event);

}  // namespace exo

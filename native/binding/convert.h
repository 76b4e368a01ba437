#pragma once

#include <napi.h>

#include "../engine/engine.h"

namespace exo {

/// The facade has validated every value, so these functions do not check again.
EngineSettings to_settings(const Napi::Object& settings);
/// Returns the id and the decoder of a draft.
std::pair<std::string, DecoderSpec> to_draft(const Napi::Object& draft);
GenerationRequest to_request(const Napi::Object& request);
Vocabulary to_vocabulary(const Napi::Object& vocabulary);

Napi::Object from_stats(Napi::Env env, const EngineStats& stats);
/// @param now_ms the current time of the engine's clock
Napi::Object from_progress(Napi::Env env, const StepProgress& progress);
Napi::Object from_steps(Napi::Env env, double now_ms, const std::vector<StepTimes>& steps);
Napi::Object from_event(Napi::Env env, const EngineEvent& event);

}  // namespace exo

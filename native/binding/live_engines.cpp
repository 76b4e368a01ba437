#include "live_engines.h"

namespace exo {

void LiveEngines::install(Napi::Env env) {
  auto engines = std::make_shared<LiveEngines>();
  env.SetInstanceData(new std::shared_ptr<LiveEngines>(engines));
  env.AddCleanupHook([engines] { engines->end_all(); });
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto on_exit = Napi::Function::New(env, [engines](const Napi::CallbackInfo&) { engines->end_all(); });
  process.Get("once").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), on_exit});
}

void LiveEngines::add(const std::shared_ptr<EngineHolder>& holder) {
  std::erase_if(holders_, [](const auto& other) { return other.expired(); });
  holders_.push_back(holder);
}

void LiveEngines::end_all() {
  for (const auto& weak : holders_) {
    if (const auto holder = weak.lock()) holder->end_with_environment();
  }
}

}  // namespace exo

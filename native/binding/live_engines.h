#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "event_channel.h"

namespace exo {

/// The engines of one environment: none outlives it, nor the process. `process.exit()` runs no cleanup hooks, and would end
/// MLX's objects under a step that runs.
class LiveEngines {
 public:
  /// Makes the environment's own list and ends its engines with it.
  static void install(Napi::Env env);
  static LiveEngines& of(Napi::Env env) { return **env.GetInstanceData<std::shared_ptr<LiveEngines>>(); }

  void add(const std::shared_ptr<EngineHolder>& holder);

 private:
  void end_all();

  std::vector<std::weak_ptr<EngineHolder>> holders_;
};

}  // namespace exo

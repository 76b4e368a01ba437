#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "event_channel.h"

namespace exo {

/// The engines of one environment, ended with it. `process.exit()` runs no cleanup hooks and would destroy MLX's
/// objects during a running step, so no engine may outlive its environment.
class LiveEngines {
 public:
  /// Creates the environment's list and ends its engines with the environment.
  static void install(Napi::Env env);
  static LiveEngines& of(Napi::Env env) { return **env.GetInstanceData<std::shared_ptr<LiveEngines>>(); }

  void add(const std::shared_ptr<EngineHolder>& holder);

 private:
  void end_all();

  std::vector<std::weak_ptr<EngineHolder>> holders_;
};

}  // namespace exo

#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <vector>

#include "../engine/engine.h"

namespace exo {

/// Passes events from the engine's threads to JavaScript. If they arrive faster than they are read, one call delivers
/// several.
class EventChannel {
 public:
  EventChannel(Napi::Env env, const Napi::Function& on_events, std::function<void()> after_last);

  /// May be called from any thread.
  void push(EngineEvent event);

 private:
  struct State;
  static void deliver(Napi::Env env, Napi::Function on_events, State* state);

  std::shared_ptr<State> state_;
};

/// Owns an engine for Node. The engine ends after its last event or when the environment is torn down.
class EngineHolder : public std::enable_shared_from_this<EngineHolder> {
 public:
  void open(Napi::Env env, EngineSettings settings, const Napi::Function& on_events);
  /// Null once the engine has ended.
  Engine* engine() const { return engine_.get(); }
  /// Called when the environment is torn down. No event can be delivered afterwards.
  void end_with_environment();

 private:
  /// Joins the engine's thread after its last event.
  void end() { engine_.reset(); }

  std::unique_ptr<EventChannel> channel_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace exo

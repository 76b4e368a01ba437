#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <vector>

#include "../engine/engine.h"

namespace exo {

/// Carries events from the engine's threads to JavaScript, several per call when they come faster than they are read.
class EventChannel {
 public:
  EventChannel(Napi::Env env, const Napi::Function& on_events, std::function<void()> after_last);

  /// From any thread.
  void push(EngineEvent event);

 private:
  struct State;
  static void deliver(Napi::Env env, Napi::Function on_events, State* state);

  std::shared_ptr<State> state_;
};

/// An engine with an end that suits Node: it ends after its last event, or when the environment does.
class EngineHolder : public std::enable_shared_from_this<EngineHolder> {
 public:
  void open(Napi::Env env, EngineSettings settings, const Napi::Function& on_events);
  /// Null once the engine has ended.
  Engine* engine() const { return engine_.get(); }
  /// The environment goes away: no event can be delivered any more.
  void end_with_environment();

 private:
  /// Joins the engine's thread, which has said its last word or is about to.
  void end() { engine_.reset(); }

  std::unique_ptr<EventChannel> channel_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace exo

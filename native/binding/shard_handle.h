#pragma once

#include <napi.h>

#include <memory>

#include "event_channel.h"

namespace exo {

/// The JavaScript object that controls an engine: `new ShardHandle(settings, onEvents)`. Methods return immediately;
/// results arrive as events.
class ShardHandle : public Napi::ObjectWrap<ShardHandle> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ShardHandle(const Napi::CallbackInfo& info);

 private:
  void set_vocabulary(const Napi::CallbackInfo& info);
  void generate(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  void load_draft(const Napi::CallbackInfo& info);
  void follow(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  Napi::Value steps(const Napi::CallbackInfo& info);

  /// Shared with the event channel, which releases it after the engine's last event.
  std::shared_ptr<EngineHolder> holder_;
};

}  // namespace exo

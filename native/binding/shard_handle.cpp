#include "shard_handle.h"

#include "convert.h"
#include "live_engines.h"

namespace exo {

Napi::Function ShardHandle::define(Napi::Env env) {
  return DefineClass(env, "ShardHandle",
                     {InstanceMethod<&ShardHandle::set_vocabulary>("setVocabulary"), InstanceMethod<&ShardHandle::generate>("generate"),
                      InstanceMethod<&ShardHandle::cancel>("cancel"), InstanceMethod<&ShardHandle::load_draft>("loadDraft"),
                      InstanceMethod<&ShardHandle::follow>("follow"), InstanceMethod<&ShardHandle::close>("close"),
                      InstanceMethod<&ShardHandle::stats>("stats"), InstanceMethod<&ShardHandle::progress>("progress"),
                      InstanceMethod<&ShardHandle::steps>("steps")});
}

ShardHandle::ShardHandle(const Napi::CallbackInfo& info) : ObjectWrap(info), holder_(std::make_shared<EngineHolder>()) {
  holder_->open(info.Env(), to_settings(info[0].As<Napi::Object>()), info[1].As<Napi::Function>());
  LiveEngines::of(info.Env()).add(holder_);
}

void ShardHandle::set_vocabulary(const Napi::CallbackInfo& info) {
  if (auto* engine = holder_->engine()) engine->set_vocabulary(to_vocabulary(info[0].As<Napi::Object>()));
}

void ShardHandle::generate(const Napi::CallbackInfo& info) {
  if (auto* engine = holder_->engine()) engine->generate(to_request(info[0].As<Napi::Object>()));
}

void ShardHandle::cancel(const Napi::CallbackInfo& info) {
  if (auto* engine = holder_->engine()) engine->cancel(info[0].As<Napi::String>().Utf8Value());
}

void ShardHandle::load_draft(const Napi::CallbackInfo& info) {
  auto [id, decoder] = to_draft(info[0].As<Napi::Object>());
  if (auto* engine = holder_->engine()) engine->load_draft(std::move(id), std::move(decoder));
}

void ShardHandle::follow(const Napi::CallbackInfo&) {
  if (auto* engine = holder_->engine()) engine->follow();
}

void ShardHandle::close(const Napi::CallbackInfo&) {
  if (auto* engine = holder_->engine()) engine->close();
}

Napi::Value ShardHandle::stats(const Napi::CallbackInfo& info) {
  const auto* engine = holder_->engine();
  return engine ? from_stats(info.Env(), engine->stats()) : info.Env().Null();
}

Napi::Value ShardHandle::progress(const Napi::CallbackInfo& info) {
  const auto* engine = holder_->engine();
  return engine ? from_progress(info.Env(), engine->progress()) : info.Env().Null();
}

Napi::Value ShardHandle::steps(const Napi::CallbackInfo& info) {
  const auto* engine = holder_->engine();
  return engine ? from_steps(info.Env(), now_ms(), engine->steps()) : info.Env().Null();
}

}  // namespace exo

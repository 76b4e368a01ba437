#include <napi.h>

#include <mlx/version.h>

#include "../engine/kernels/kernels.h"
#include "../engine/sample/shard_seed.h"
#include "live_engines.h"
#include "shard_handle.h"

namespace {

/// deriveShardSeed(base: bigint, shardId: bigint, step: bigint): bigint
Napi::Value derive_shard_seed(const Napi::CallbackInfo& info) {
  bool is_lossless = false;
  const auto value = [&](size_t index) { return info[index].As<Napi::BigInt>().Uint64Value(&is_lossless); };
  return Napi::BigInt::New(info.Env(), exo::derive_shard_seed(value(0), value(1), value(2)));
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exo::LiveEngines::install(env);
  exports["mlxVersion"] = mlx::core::version();
  exports["kernels"] = exo::host_kernels().name;
  exports["deriveShardSeed"] = Napi::Function::New(env, derive_shard_seed);
  exports["ShardHandle"] = exo::ShardHandle::define(env);
  return exports;
}

}  // namespace

NODE_API_MODULE(exo_engine, initialize)

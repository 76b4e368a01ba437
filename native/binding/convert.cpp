#include "convert.h"

#include <stdexcept>

namespace exo {

namespace {

double number(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().DoubleValue(); }
int32_t integer(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().Int32Value(); }
int64_t large(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().Int64Value(); }
float real(const Napi::Object& object, const char* key) { return static_cast<float>(number(object, key)); }
bool flag(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Boolean>().Value(); }
std::string text(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::String>().Utf8Value(); }
Napi::Object child(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Object>(); }
bool has(const Napi::Object& object, const char* key) { return !object.Get(key).IsNull() && !object.Get(key).IsUndefined(); }

template <typename Convert>
auto list(const Napi::Object& object, const char* key, Convert convert) {
  const auto array = object.Get(key).As<Napi::Array>();
  std::vector<decltype(convert(array.Get(0u)))> values;
  values.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); ++i) values.push_back(convert(array.Get(i)));
  return values;
}

template <typename Convert>
auto optional(const Napi::Object& object, const char* key, Convert convert) {
  return has(object, key) ? std::optional(convert(object.Get(key))) : std::nullopt;
}

int32_t to_integer(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }
std::string to_text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

StoredType to_stored_type(const std::string& name) {
  if (name == "F32") return StoredType::Float32;
  if (name == "F16") return StoredType::Float16;
  if (name == "BF16") return StoredType::BFloat16;
  if (name == "U32") return StoredType::Uint32;
  if (name == "U8") return StoredType::Uint8;
  throw std::invalid_argument("unknown stored type " + name);
}

TensorSource to_tensor(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  TensorSource tensor;
  tensor.name = text(object, "name");
  tensor.file = integer(object, "file");
  tensor.offset = large(object, "offsetBytes");
  tensor.type = to_stored_type(text(object, "type"));
  tensor.columns = large(object, "columns");
  const auto rows = child(object, "rowRange"), columns = child(object, "columnRange");
  tensor.row_begin = large(rows, "start"), tensor.row_end = large(rows, "end");
  tensor.column_begin = large(columns, "start"), tensor.column_end = large(columns, "end");
  return tensor;
}

QuantizationMode to_quantization_mode(const std::string& name) {
  if (name == "affine") return QuantizationMode::Affine;
  if (name == "mxfp4") return QuantizationMode::Mxfp4;
  if (name == "mxfp8") return QuantizationMode::Mxfp8;
  throw std::invalid_argument("unknown quantization mode " + name);
}

MatrixSource to_matrix(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  MatrixSource matrix;
  matrix.weight = to_tensor(object.Get("weight"));
  matrix.bias = optional(object, "bias", to_tensor);
  matrix.quantization = optional(object, "quantization", [](const Napi::Value& item) {
    const auto quantization = item.As<Napi::Object>();
    return QuantizationSource{to_quantization_mode(text(quantization, "mode")), integer(quantization, "bits"), integer(quantization, "groupSize"),
                              to_tensor(quantization.Get("scales")), optional(quantization, "biases", to_tensor)};
  });
  matrix.crop = optional(object, "crop", [](const Napi::Value& item) { return ColumnCrop{large(item.As<Napi::Object>(), "start"), large(item.As<Napi::Object>(), "end")}; });
  return matrix;
}

RopeSpec to_rope(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  const auto frequencies = object.Get("inverseFrequencies").As<Napi::Float32Array>();
  RopeSpec rope;
  rope.inverse_frequencies.assign(frequencies.Data(), frequencies.Data() + frequencies.ElementLength());
  rope.position_scale = real(object, "positionScale");
  rope.magnitude = real(object, "magnitude");
  rope.is_interleaved = flag(object, "isInterleaved");
  return rope;
}

LatentSpec to_latent(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  LatentSpec latent;
  latent.latent_dim = integer(object, "latentDim");
  latent.rotated_dim = integer(object, "rotatedDim");
  latent.plain_dim = integer(object, "plainDim");
  latent.value_dim = integer(object, "valueDim");
  latent.epsilon = real(object, "normEpsilon");
  latent.query_norm = optional(object, "queryNorm", to_tensor);
  latent.query_up = optional(object, "queryUp", to_matrix);
  latent.latent_norm = to_tensor(object.Get("latentNorm"));
  latent.to_latent = list(object, "toLatent", to_matrix);
  latent.is_key_layout = flag(object, "isKeyLayout");
  latent.from_latent = list(object, "fromLatent", to_matrix);
  return latent;
}

AttentionSpec to_attention(const Napi::Object& object) {
  AttentionSpec attention;
  attention.heads = integer(object, "heads");
  attention.kv_heads = integer(object, "kvHeads");
  attention.head_dim = integer(object, "headDim");
  attention.scale = real(object, "scale");
  attention.window = integer(object, "windowTokens");
  attention.rope = integer(object, "rope");
  attention.query_norm = optional(object, "queryNorm", to_tensor);
  attention.key_norm = optional(object, "keyNorm", to_tensor);
  attention.sinks = optional(object, "sinks", to_tensor);
  attention.latent = optional(object, "latent", to_latent);
  return attention;
}

Activation to_activation(const std::string& name) {
  if (name == "silu") return Activation::Silu;
  if (name == "gelu-tanh") return Activation::GeluTanh;
  if (name == "clamped-swiglu") return Activation::ClampedSwiglu;
  throw std::invalid_argument("unknown activation " + name);
}

GatedSource to_gated(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {list(object, "gateUp", to_matrix), list(object, "down", to_matrix)};
}

RouterSpec to_router(const Napi::Object& object) {
  RouterSpec router;
  router.weight = to_matrix(object.Get("weight"));
  router.correction = optional(object, "correction", to_tensor);
  router.is_sigmoid = text(object, "scoring") == "sigmoid";
  router.chosen = integer(object, "chosen");
  router.is_normalized = flag(object, "isNormalized");
  router.groups = integer(object, "groups");
  router.groups_kept = integer(object, "groupsKept");
  router.scale = real(object, "scale");
  return router;
}

ExpertsSpec to_experts(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {to_router(child(object, "router")), list(object, "gate", to_matrix), list(object, "up", to_matrix), list(object, "down", to_matrix)};
}

FeedForwardSpec to_feed_forward(const Napi::Object& object) {
  return {to_activation(text(object, "activation")), optional(object, "always", to_gated), optional(object, "experts", to_experts)};
}

LayerSpec to_layer(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  LayerSpec layer;
  layer.input_norm = to_tensor(object.Get("inputNorm"));
  layer.query_key_value = list(object, "queryKeyValue", to_matrix);
  layer.attention = to_attention(child(object, "attention"));
  layer.attention_output = list(object, "attentionOutput", to_matrix);
  layer.attention_output_norm = optional(object, "attentionOutputNorm", to_tensor);
  layer.feed_forward_norm = to_tensor(object.Get("feedForwardNorm"));
  layer.feed_forward_output_norm = optional(object, "feedForwardOutputNorm", to_tensor);
  layer.feed_forward = to_feed_forward(child(object, "feedForward"));
  return layer;
}

DecoderSpec to_decoder(const Napi::Object& object) {
  DecoderSpec decoder;
  decoder.files = list(object, "files", to_text);
  decoder.hidden_size = integer(object, "hiddenSize");
  decoder.vocab_size = integer(object, "vocabSize");
  decoder.norm_epsilon = real(object, "normEpsilon");
  decoder.norm_offset = real(object, "normOffset");
  decoder.embedding_scale = real(object, "embeddingScale");
  decoder.ropes = list(object, "ropes", to_rope);
  decoder.layers = list(object, "layers", to_layer);
  decoder.embedding = optional(object, "embedding", to_matrix);
  decoder.final_norm = optional(object, "finalNorm", to_tensor);
  decoder.head = optional(object, "head", to_matrix);
  decoder.dequantize = flag(object, "dequantize");
  return decoder;
}

uint64_t to_seed(const std::string& decimal) { return std::stoull(decimal); }

Napi::Array from_top(Napi::Env env, const std::vector<TokenLogprob>& top) {
  auto array = Napi::Array::New(env, top.size());
  for (uint32_t i = 0; i < top.size(); ++i) {
    auto entry = Napi::Object::New(env);
    entry["tokenId"] = top[i].token;
    entry["logprob"] = top[i].logprob;
    array[i] = entry;
  }
  return array;
}

Napi::Object from_choice(Napi::Env env, const Choice& choice, bool has_logprob) {
  auto token = Napi::Object::New(env);
  token["tokenId"] = choice.token;
  token["logprob"] = has_logprob ? Napi::Value(Napi::Number::New(env, choice.logprob)) : Napi::Value(env.Null());
  token["topLogprobs"] = from_top(env, choice.top);
  return token;
}

/// Fills a JavaScript object for each kind of event; `type` is GenerationEvent's where there is one.
struct EventWriter {
  Napi::Env env;
  Napi::Object object;

  void operator()(const LoadedEvent& event) {
    object["type"] = "loaded";
    object["residentBytes"] = static_cast<double>(event.resident_bytes);
    object["loadMs"] = event.load_ms;
    object["device"] = event.is_gpu ? "gpu" : "cpu";
  }
  void operator()(const LoadProgressEvent& event) {
    object["type"] = "load-progress";
    object["loadedBytes"] = static_cast<double>(event.loaded_bytes);
  }
  void operator()(const FailedEvent& event) {
    object["type"] = "failed";
    object["code"] = event.code;
    object["message"] = event.message;
  }
  void operator()(const PrefillProgressEvent& event) {
    begin("prefill-progress", event.id);
    object["doneTokens"] = event.done_tokens;
    object["totalTokens"] = event.total_tokens;
  }
  void operator()(const PromptScoresEvent& event) {
    begin("prompt-logprobs", event.id);
    auto tokens = Napi::Array::New(env, event.scores.size() + 1);
    tokens[0u] = from_choice(env, Choice{event.first_token, 0, {}}, false);
    for (uint32_t i = 0; i < event.scores.size(); ++i) tokens[i + 1] = from_choice(env, event.scores[i], true);
    object["tokens"] = tokens;
  }
  void operator()(const TokenEvent& event) {
    begin("token-delta", event.id);
    object["token"] = from_choice(env, event.choice, event.has_logprob);
  }
  void operator()(const EndEvent& event) {
    begin("generation-end", event.id);
    object["finishReason"] = event.finish_reason;
    auto timings = Napi::Object::New(env);
    timings["queueMs"] = event.queue_ms;
    timings["prefillMs"] = event.prefill_ms;
    timings["decodeMs"] = event.decode_ms;
    timings["cachedTokens"] = event.cached_tokens;
    if (event.draft) {
      auto draft = Napi::Object::New(env);
      draft["proposedTokens"] = static_cast<double>(event.draft->proposed);
      draft["acceptedTokens"] = static_cast<double>(event.draft->accepted);
      timings["draft"] = draft;
    }
    object["timings"] = timings;
  }
  void operator()(const GenerationErrorEvent& event) {
    begin("generation-error", event.id);
    object["code"] = event.code;
    object["message"] = event.message;
  }
  void operator()(const DraftLoadedEvent& event) {
    object["type"] = "draft-loaded";
    object["draftId"] = event.draft_id;
  }
  void operator()(const DraftFailedEvent& event) {
    object["type"] = "draft-failed";
    object["draftId"] = event.draft_id;
    object["code"] = event.code;
    object["message"] = event.message;
  }
  void operator()(const StepsBeginEvent&) { object["type"] = "steps-begin"; }
  void operator()(const StepsEndEvent&) { object["type"] = "steps-end"; }
  void operator()(const ClosedEvent&) { object["type"] = "closed"; }

  void begin(const char* type, const std::string& id) {
    object["type"] = type;
    object["generationId"] = id;
  }
};

}  // namespace

EngineSettings to_settings(const Napi::Object& object) {
  EngineSettings settings;
  settings.decoder = to_decoder(child(object, "decoder"));
  settings.limits.max_batch = integer(object, "maxBatch");
  settings.limits.max_waiting = integer(object, "maxWaiting");
  settings.limits.prefill_chunk_tokens = integer(object, "prefillChunkTokens");
  settings.prefix_cache_bytes = large(object, "prefixCacheBytes");
  settings.context_tokens = integer(object, "contextTokens");
  settings.threads = integer(object, "threads");
  settings.backend = text(object, "backend");
  settings.strategy = text(object, "strategy") == "tensor" ? Strategy::Tensor : Strategy::Pipeline;
  settings.rank = integer(object, "rank");
  settings.world_size = integer(object, "worldSize");
  settings.use_arrays = flag(object, "useArrays");
  return settings;
}

std::pair<std::string, DecoderSpec> to_draft(const Napi::Object& object) { return {text(object, "draftId"), to_decoder(child(object, "decoder"))}; }

GenerationRequest to_request(const Napi::Object& object) {
  GenerationRequest request;
  request.id = text(object, "generationId");
  request.prompt = list(object, "promptTokenIds", to_integer);
  request.resumed = integer(object, "resumedTokens");
  request.max_tokens = integer(object, "maxTokens");
  request.stop_tokens = list(object, "stopTokenIds", to_integer);
  request.top_logprobs = has(object, "topLogprobs") ? integer(object, "topLogprobs") : -1;
  request.prompt_logprobs = flag(object, "promptLogprobs");
  if (has(object, "draft")) request.draft_id = text(child(object, "draft"), "modelId");
  const auto sampling = child(object, "sampling");
  request.sampling.temperature = real(sampling, "temperature");
  request.sampling.top_p = real(sampling, "topP");
  request.sampling.top_k = integer(sampling, "topK");
  request.sampling.min_p = real(sampling, "minP");
  request.sampling.repetition_penalty = real(sampling, "repetitionPenalty");
  request.sampling.presence_penalty = real(sampling, "presencePenalty");
  request.sampling.frequency_penalty = real(sampling, "frequencyPenalty");
  request.sampling.logit_bias = list(sampling, "logitBias", [](const Napi::Value& value) {
    const auto pair = value.As<Napi::Array>();
    return std::pair(to_integer(pair.Get(0u)), pair.Get(1u).As<Napi::Number>().FloatValue());
  });
  request.sampling.seed = to_seed(text(sampling, "seed"));
  return request;
}

Napi::Object from_stats(Napi::Env env, const EngineStats& stats) {
  auto object = Napi::Object::New(env);
  object["steps"] = static_cast<double>(stats.steps);
  object["running"] = static_cast<double>(stats.running);
  object["waiting"] = static_cast<double>(stats.waiting);
  object["activeBytes"] = static_cast<double>(stats.active_bytes);
  object["peakBytes"] = static_cast<double>(stats.peak_bytes);
  object["kvBytes"] = static_cast<double>(stats.kv_bytes);
  object["prefixCacheBytes"] = static_cast<double>(stats.prefix_cache_bytes);
  object["sentBytes"] = static_cast<double>(stats.sent_bytes);
  object["decodeTokensPerSecond"] = stats.decode_tokens_per_second;
  object["prefillTokensPerSecond"] = stats.prefill_tokens_per_second;
  return object;
}

Napi::Object from_steps(Napi::Env env, double now_ms, const std::vector<StepTimes>& steps) {
  auto rows = Napi::Array::New(env, steps.size());
  for (uint32_t i = 0; i < steps.size(); ++i) {
    auto row = Napi::Object::New(env);
    row["beginMs"] = steps[i].begin_ms;
    row["endMs"] = steps[i].end_ms;
    row["planMs"] = steps[i].plan_ms;
    row["decodedTokens"] = static_cast<double>(steps[i].decoded_tokens);
    row["prefilledTokens"] = static_cast<double>(steps[i].prefilled_tokens);
    rows[i] = row;
  }
  auto object = Napi::Object::New(env);
  object["nowMs"] = now_ms;
  object["steps"] = rows;
  return object;
}

Napi::Object from_event(Napi::Env env, const EngineEvent& event) {
  EventWriter writer{env, Napi::Object::New(env)};
  std::visit(writer, event);
  return writer.object;
}

}  // namespace exo

#include "convert.h"

#include <algorithm>

#include "convert_decoder.h"
#include "read_object.h"

namespace exo {

namespace {

const char* finish_reason_text(FinishReason reason) {
  switch (reason) {
    case FinishReason::Stop: return "stop";
    case FinishReason::Length: return "length";
    case FinishReason::Cancelled: return "cancelled";
  }
  throw std::invalid_argument("an unknown finish reason");
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

/// Fills a JavaScript object for each kind of event. Where GenerationEvent has the same event, `type` is the same.
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
  void operator()(const EmbeddingEvent& event) {
    begin("embedding", event.id);
    auto vector = Napi::Array::New(env, event.vector.size());
    for (uint32_t i = 0; i < event.vector.size(); ++i) vector[i] = static_cast<double>(static_cast<float>(event.vector[i]));
    object["vector"] = vector;
  }
  void operator()(const TokenEvent& event) {
    begin("token-delta", event.id);
    object["token"] = from_choice(env, event.choice, event.has_logprob);
  }
  void operator()(const EndEvent& event) {
    begin("generation-end", event.id);
    object["finishReason"] = finish_reason_text(event.finish_reason);
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

NeighbourPath to_path(const Napi::Object& object) {
  NeighbourPath path{text(object, "address"), integer(object, "port"), {}, flag(object, "seal")};
  const auto key = object.Get("key").As<Napi::Uint8Array>();
  std::copy_n(key.Data(), std::min(key.ByteLength(), path.key.size()), path.key.begin());
  return path;
}

RingPlace to_ring_place(const Napi::Object& object) {
  return {integer(object, "listenPort"), integer(object, "dialPort"), to_path(child(object, "before")), to_path(child(object, "after"))};
}

Backend to_backend(const std::string& name) {
  if (name == "local") return Backend::Local;
  if (name == "ring") return Backend::Ring;
  if (name == "jaccl") return Backend::Jaccl;
  throw std::invalid_argument("unknown backend " + name);
}

GrammarKind to_grammar_kind(const std::string& name) {
  if (name == "json-schema") return GrammarKind::JsonSchema;
  if (name == "ebnf") return GrammarKind::Ebnf;
  if (name == "regex") return GrammarKind::Regex;
  if (name == "structural-tag") return GrammarKind::StructuralTag;
  throw std::invalid_argument("unknown grammar " + name);
}

GrammarSpec to_grammar(const Napi::Object& object) {
  return {to_grammar_kind(text(object, "kind")), text(object, "text"), list(object, "endTokenIds", to_integer)};
}

Pooling to_pooling(const std::string& name) {
  if (name == "first") return Pooling::First;
  if (name == "last") return Pooling::Last;
  if (name == "mean") return Pooling::Mean;
  if (name == "scores") return Pooling::Scores;
  throw std::invalid_argument("unknown pooling " + name);
}

Napi::Object from_counts(Napi::Env env, const StepCounts& counts) {
  auto object = Napi::Object::New(env);
  object["primitives"] = static_cast<double>(counts.primitives);
  object["evaluations"] = static_cast<double>(counts.evaluations);
  object["handOffs"] = static_cast<double>(counts.hand_offs);
  object["mixedReceives"] = static_cast<double>(counts.mixed_receives);
  object["kvRegrowths"] = static_cast<double>(counts.kv_regrowths);
  object["hostMs"] = counts.host_ms;
  object["cacheBytes"] = static_cast<double>(counts.cache_bytes);
  object["attendedKeys"] = static_cast<double>(counts.attended_keys);
  object["wideProducts"] = static_cast<double>(counts.wide_products);
  return object;
}

Strategy to_strategy(const std::string& name) {
  if (name == "pipeline") return Strategy::Pipeline;
  if (name == "tensor") return Strategy::Tensor;
  throw std::invalid_argument("unknown strategy " + name);
}

}  // namespace

EngineSettings to_settings(const Napi::Object& object) {
  EngineSettings settings;
  if (has(object, "decoder")) settings.decoder = to_decoder(child(object, "decoder"));
  settings.encoder = optional(object, "encoder", to_encoder);
  settings.limits.max_batch = integer(object, "maxBatch");
  settings.limits.max_waiting = integer(object, "maxWaiting");
  settings.limits.prefill_chunk_tokens = integer(object, "prefillChunkTokens");
  settings.prefix_cache_bytes = large(object, "prefixCacheBytes");
  settings.cache_bytes = large(object, "cacheBytes");
  if (has(object, "draftBytes")) settings.draft_bytes = large(object, "draftBytes");
  settings.context_tokens = integer(object, "contextTokens");
  settings.threads = integer(object, "threads");
  settings.backend = to_backend(text(object, "backend"));
  settings.strategy = to_strategy(text(object, "strategy"));
  settings.rank = integer(object, "rank");
  settings.world_size = integer(object, "worldSize");
  if (has(object, "ring")) settings.ring = to_ring_place(child(object, "ring"));
  if (has(object, "kvBits")) settings.kept_bits = integer(object, "kvBits");
  settings.use_arrays = flag(object, "useArrays");
  settings.keeps_types = flag(object, "keepsTypes");
  settings.counts_steps = flag(object, "countsSteps");
  return settings;
}

std::pair<std::string, DecoderSpec> to_draft(const Napi::Object& object) {
  return {text(object, "draftId"), to_decoder(child(object, "decoder"))};
}

GenerationRequest to_request(const Napi::Object& object) {
  GenerationRequest request;
  request.id = text(object, "generationId");
  request.prompt = list(object, "promptTokenIds", to_integer);
  request.resumed = integer(object, "resumedTokens");
  request.max_tokens = integer(object, "maxTokens");
  request.stop_tokens = list(object, "stopTokenIds", to_integer);
  request.top_logprobs = has(object, "topLogprobs") ? integer(object, "topLogprobs") : -1;
  request.prompt_logprobs = flag(object, "promptLogprobs");
  if (has(object, "pooling")) request.pooling = to_pooling(text(object, "pooling"));
  if (has(object, "scoredTokenIds")) request.scored_tokens = list(object, "scoredTokenIds", to_integer);
  if (has(object, "secondTokens")) request.second_tokens = integer(object, "secondTokens");
  if (has(object, "draft")) request.draft_id = text(child(object, "draft"), "modelId");
  if (has(object, "grammar")) request.grammar = to_grammar(child(object, "grammar"));
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
  if (has(sampling, "allowedTokenIds")) request.sampling.allowed_tokens = list(sampling, "allowedTokenIds", to_integer);
  if (has(sampling, "bannedSequences")) {
    request.sampling.banned_sequences = list(sampling, "bannedSequences", [](const Napi::Value& value) {
      const auto sequence = value.As<Napi::Array>();
      std::vector<int32_t> tokens;
      for (uint32_t i = 0; i < sequence.Length(); ++i) tokens.push_back(to_integer(sequence.Get(i)));
      return tokens;
    });
  }
  if (has(sampling, "minTokens")) request.sampling.min_tokens = integer(sampling, "minTokens");
  request.sampling.stop_tokens = request.stop_tokens;
  request.sampling.seed = to_seed(text(sampling, "seed"));
  return request;
}

Vocabulary to_vocabulary(const Napi::Object& object) {
  const auto bytes = object.Get("bytes").As<Napi::Uint8Array>();
  const auto ends = object.Get("ends").As<Napi::Uint32Array>();
  const auto* first = reinterpret_cast<const char*>(bytes.Data());
  Vocabulary vocabulary;
  vocabulary.reserve(ends.ElementLength());
  uint32_t begin = 0;
  for (size_t i = 0; i < ends.ElementLength(); ++i) {
    vocabulary.emplace_back(first + begin, first + ends[i]);
    begin = ends[i];
  }
  return vocabulary;
}

Napi::Object from_stats(Napi::Env env, const EngineStats& stats) {
  auto object = Napi::Object::New(env);
  object["steps"] = static_cast<double>(stats.steps);
  object["jumpedTokens"] = static_cast<double>(stats.jumped_tokens);
  object["running"] = static_cast<double>(stats.running);
  object["waiting"] = static_cast<double>(stats.waiting);
  object["activeBytes"] = static_cast<double>(stats.active_bytes);
  object["peakBytes"] = static_cast<double>(stats.peak_bytes);
  object["kvBytes"] = static_cast<double>(stats.kv_bytes);
  object["prefixCacheBytes"] = static_cast<double>(stats.prefix_cache_bytes);
  object["sentBytes"] = static_cast<double>(stats.sent_bytes);
  object["decodeTokensPerSecond"] = stats.decode_tokens_per_second;
  object["prefillTokensPerSecond"] = stats.prefill_tokens_per_second;
  if (stats.counts) object["counts"] = from_counts(env, *stats.counts);
  return object;
}

Napi::Object from_progress(Napi::Env env, const StepProgress& progress) {
  auto object = Napi::Object::New(env);
  object["layersDone"] = static_cast<double>(progress.layers_done.load());
  object["stepTokens"] = static_cast<double>(progress.step_tokens.load());
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
    row["tokens"] = static_cast<double>(steps[i].tokens);
    row["cpuMs"] = steps[i].cpu_ms;
    if (steps[i].counts) row["counts"] = from_counts(env, *steps[i].counts);
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

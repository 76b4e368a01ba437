// Written by `node setup/generate/write-decoder-spec.mjs` from native/plan/spec: change the tables there.

#include "convert_decoder.h"

#include <stdexcept>

#include "read_object.h"

namespace exo {

namespace {

StoredType to_stored_type(const std::string& name) {
  if (name == "F32") return StoredType::Float32;
  if (name == "F16") return StoredType::Float16;
  if (name == "BF16") return StoredType::BFloat16;
  if (name == "U32") return StoredType::Uint32;
  if (name == "U8") return StoredType::Uint8;
  throw std::invalid_argument("unknown stored type " + name);
}

TensorSource to_tensor(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  TensorSource value;
  value.name = text(object, "name");
  value.file = integer(object, "file");
  value.offset = large(object, "offsetBytes");
  value.type = to_stored_type(text(object, "type"));
  value.columns = large(object, "columns");
  value.row_begin = large(child(object, "rowRange"), "start");
  value.row_end = large(child(object, "rowRange"), "end");
  value.column_begin = large(child(object, "columnRange"), "start");
  value.column_end = large(child(object, "columnRange"), "end");
  return value;
}

QuantizationMode to_quantization_mode(const std::string& name) {
  if (name == "affine") return QuantizationMode::Affine;
  if (name == "mxfp4") return QuantizationMode::Mxfp4;
  if (name == "mxfp8") return QuantizationMode::Mxfp8;
  throw std::invalid_argument("unknown quantization mode " + name);
}

QuantizationSource to_quantization(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  QuantizationSource value;
  value.mode = to_quantization_mode(text(object, "mode"));
  value.bits = integer(object, "bits");
  value.group_size = integer(object, "groupSize");
  value.scales = to_tensor(object.Get("scales"));
  value.biases = optional(object, "biases", to_tensor);
  return value;
}

ColumnCrop to_column_crop(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  ColumnCrop value;
  value.begin = large(object, "start");
  value.end = large(object, "end");
  return value;
}

MatrixSource to_matrix(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  MatrixSource value;
  value.weight = to_tensor(object.Get("weight"));
  value.quantization = optional(object, "quantization", to_quantization);
  value.bias = optional(object, "bias", to_tensor);
  value.crop = optional(object, "crop", to_column_crop);
  return value;
}

RopeSpec to_rope(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  RopeSpec value;
  value.inverse_frequencies = floats(object, "inverseFrequencies");
  value.position_scale = real(object, "positionScale");
  value.magnitude = real(object, "magnitude");
  value.is_interleaved = flag(object, "isInterleaved");
  return value;
}

LatentSpec to_latent(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  LatentSpec value;
  value.latent_dim = integer(object, "latentDim");
  value.rotated_dim = integer(object, "rotatedDim");
  value.plain_dim = integer(object, "plainDim");
  value.value_dim = integer(object, "valueDim");
  value.epsilon = real(object, "normEpsilon");
  value.query_norm = optional(object, "queryNorm", to_tensor);
  value.query_up = optional(object, "queryUp", to_matrix);
  value.latent_norm = to_tensor(object.Get("latentNorm"));
  value.to_latent = list(object, "toLatent", to_matrix);
  value.is_key_layout = flag(object, "isKeyLayout");
  value.from_latent = list(object, "fromLatent", to_matrix);
  return value;
}

OutputGate to_output_gate(const std::string& name) {
  if (name == "none") return OutputGate::None;
  if (name == "head-sigmoid") return OutputGate::HeadSigmoid;
  if (name == "head-softplus") return OutputGate::HeadSoftplus;
  if (name == "element-sigmoid") return OutputGate::ElementSigmoid;
  throw std::invalid_argument("unknown output gate " + name);
}

QueryGrowth to_query_growth(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  QueryGrowth value;
  value.beta = real(object, "beta");
  value.length = real(object, "length");
  value.offset = real(object, "offset");
  return value;
}

AttentionSpec to_attention(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  AttentionSpec value;
  value.heads = integer(object, "heads");
  value.kv_heads = integer(object, "kvHeads");
  value.head_dim = integer(object, "headDim");
  value.value_dim = integer(object, "valueDim");
  value.scale = real(object, "scale");
  value.window = integer(object, "windowTokens");
  value.rope = integer(object, "rope");
  value.query_norm = optional(object, "queryNorm", to_tensor);
  value.key_norm = optional(object, "keyNorm", to_tensor);
  value.normed_query_width = integer(object, "normedQueryWidth");
  value.normed_key_width = integer(object, "normedKeyWidth");
  value.is_normed_after_rotation = flag(object, "isNormedAfterRotation");
  value.value_scale = real(object, "valueScale");
  value.soft_cap = real(object, "softCap");
  value.growth = to_query_growth(object.Get("queryGrowth"));
  value.gate = to_output_gate(text(object, "outputGate"));
  value.sinks = optional(object, "sinks", to_tensor);
  value.latent = optional(object, "latent", to_latent);
  return value;
}

Activation to_activation(const std::string& name) {
  if (name == "silu") return Activation::Silu;
  if (name == "gelu-tanh") return Activation::GeluTanh;
  if (name == "clamped-swiglu") return Activation::ClampedSwiglu;
  if (name == "limited-silu") return Activation::LimitedSilu;
  throw std::invalid_argument("unknown activation " + name);
}

GatedSource to_gated(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  GatedSource value;
  value.gate_up = list(object, "gateUp", to_matrix);
  value.down = list(object, "down", to_matrix);
  return value;
}

Scoring to_scoring(const std::string& name) {
  if (name == "softmax") return Scoring::Softmax;
  if (name == "sigmoid") return Scoring::Sigmoid;
  if (name == "sqrt-softplus") return Scoring::SqrtSoftplus;
  throw std::invalid_argument("unknown scoring " + name);
}

RouterSpec to_router(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  RouterSpec value;
  value.weight = to_matrix(object.Get("weight"));
  value.correction = optional(object, "correction", to_tensor);
  value.scoring = to_scoring(text(object, "scoring"));
  value.chosen = integer(object, "chosen");
  value.is_normalized = flag(object, "isNormalized");
  value.groups = integer(object, "groups");
  value.groups_kept = integer(object, "groupsKept");
  value.is_group_best = flag(object, "isGroupBest");
  value.logit_cap = real(object, "logitCap");
  value.scale = real(object, "scale");
  return value;
}

ExpertsSpec to_experts(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  ExpertsSpec value;
  value.router = to_router(object.Get("router"));
  value.gate = list(object, "gate", to_matrix);
  value.up = list(object, "up", to_matrix);
  value.down = list(object, "down", to_matrix);
  value.limit = real(object, "limit");
  return value;
}

FeedForwardSpec to_feed_forward(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  FeedForwardSpec value;
  value.activation = to_activation(text(object, "activation"));
  value.always = optional(object, "always", to_gated);
  value.experts = optional(object, "experts", to_experts);
  value.always_limit = real(object, "alwaysLimit");
  value.always_gate = optional(object, "alwaysGate", to_matrix);
  return value;
}

NormSource to_norm(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  NormSource value;
  value.weight = to_tensor(object.Get("weight"));
  value.bias = optional(object, "bias", to_tensor);
  return value;
}

LayerSpec to_layer(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  LayerSpec value;
  value.input_norm = optional(object, "inputNorm", to_norm);
  value.feed_forward_norm = optional(object, "feedForwardNorm", to_norm);
  value.query_key_value = list(object, "queryKeyValue", to_matrix);
  value.attention = to_attention(object.Get("attention"));
  value.attention_output = list(object, "attentionOutput", to_matrix);
  value.attention_output_norm = optional(object, "attentionOutputNorm", to_norm);
  value.feed_forward_output_norm = optional(object, "feedForwardOutputNorm", to_norm);
  value.feed_forward = to_feed_forward(object.Get("feedForward"));
  return value;
}

}  // namespace

DecoderSpec to_decoder(const Napi::Value& from) {
  const auto object = from.As<Napi::Object>();
  DecoderSpec value;
  value.files = list(object, "files", to_text);
  value.hidden_size = integer(object, "hiddenSize");
  value.vocab_size = integer(object, "vocabSize");
  value.norm_epsilon = real(object, "normEpsilon");
  value.norm_offset = real(object, "normOffset");
  value.is_layer_norm = flag(object, "isLayerNorm");
  value.is_parallel = flag(object, "isParallel");
  value.residual_scale = real(object, "residualScale");
  value.logit_scale = real(object, "logitScale");
  value.logit_cap = real(object, "logitCap");
  value.embedding_scale = real(object, "embeddingScale");
  value.ropes = list(object, "ropes", to_rope);
  value.layers = list(object, "layers", to_layer);
  value.embedding = optional(object, "embedding", to_matrix);
  value.final_norm = optional(object, "finalNorm", to_norm);
  value.head = optional(object, "head", to_matrix);
  value.dequantize = flag(object, "dequantize");
  return value;
}

}  // namespace exo

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
    return QuantizationSource{to_quantization_mode(text(quantization, "mode")), integer(quantization, "bits"),
                              integer(quantization, "groupSize"), to_tensor(quantization.Get("scales")),
                              optional(quantization, "biases", to_tensor)};
  });
  matrix.crop = optional(object, "crop", [](const Napi::Value& item) {
    return ColumnCrop{large(item.As<Napi::Object>(), "start"), large(item.As<Napi::Object>(), "end")};
  });
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

OutputGate to_output_gate(const std::string& name) {
  if (name == "none") return OutputGate::None;
  if (name == "head-sigmoid") return OutputGate::HeadSigmoid;
  if (name == "head-softplus") return OutputGate::HeadSoftplus;
  if (name == "element-sigmoid") return OutputGate::ElementSigmoid;
  throw std::invalid_argument("unknown output gate " + name);
}

NormSource to_norm(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {to_tensor(object.Get("weight")), optional(object, "bias", to_tensor)};
}

AttentionSpec to_attention(const Napi::Object& object) {
  AttentionSpec attention;
  attention.heads = integer(object, "heads");
  attention.kv_heads = integer(object, "kvHeads");
  attention.head_dim = integer(object, "headDim");
  attention.value_dim = integer(object, "valueDim");
  attention.scale = real(object, "scale");
  attention.window = integer(object, "windowTokens");
  attention.rope = integer(object, "rope");
  attention.query_norm = optional(object, "queryNorm", to_tensor);
  attention.key_norm = optional(object, "keyNorm", to_tensor);
  attention.normed_query_width = integer(object, "normedQueryWidth");
  attention.normed_key_width = integer(object, "normedKeyWidth");
  attention.is_normed_after_rotation = flag(object, "isNormedAfterRotation");
  attention.value_scale = real(object, "valueScale");
  attention.soft_cap = real(object, "softCap");
  const auto growth = child(object, "queryGrowth");
  attention.growth = {real(growth, "beta"), real(growth, "length"), real(growth, "offset")};
  attention.gate = to_output_gate(text(object, "outputGate"));
  attention.sinks = optional(object, "sinks", to_tensor);
  attention.latent = optional(object, "latent", to_latent);
  return attention;
}

Activation to_activation(const std::string& name) {
  if (name == "silu") return Activation::Silu;
  if (name == "gelu-tanh") return Activation::GeluTanh;
  if (name == "clamped-swiglu") return Activation::ClampedSwiglu;
  if (name == "limited-silu") return Activation::LimitedSilu;
  throw std::invalid_argument("unknown activation " + name);
}

Scoring to_scoring(const std::string& name) {
  if (name == "softmax") return Scoring::Softmax;
  if (name == "sigmoid") return Scoring::Sigmoid;
  if (name == "sqrt-softplus") return Scoring::SqrtSoftplus;
  throw std::invalid_argument("unknown scoring " + name);
}

GatedSource to_gated(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {list(object, "gateUp", to_matrix), list(object, "down", to_matrix)};
}

RouterSpec to_router(const Napi::Object& object) {
  RouterSpec router;
  router.weight = to_matrix(object.Get("weight"));
  router.correction = optional(object, "correction", to_tensor);
  router.scoring = to_scoring(text(object, "scoring"));
  router.chosen = integer(object, "chosen");
  router.is_normalized = flag(object, "isNormalized");
  router.groups = integer(object, "groups");
  router.groups_kept = integer(object, "groupsKept");
  router.is_group_best = flag(object, "isGroupBest");
  router.logit_cap = real(object, "logitCap");
  router.scale = real(object, "scale");
  return router;
}

ExpertsSpec to_experts(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {to_router(child(object, "router")), list(object, "gate", to_matrix), list(object, "up", to_matrix),
          list(object, "down", to_matrix), real(object, "limit")};
}

FeedForwardSpec to_feed_forward(const Napi::Object& object) {
  return {to_activation(text(object, "activation")), optional(object, "always", to_gated), optional(object, "experts", to_experts),
          real(object, "alwaysLimit"), optional(object, "alwaysGate", to_matrix)};
}

LayerSpec to_layer(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  LayerSpec layer;
  layer.input_norm = optional(object, "inputNorm", to_norm);
  layer.query_key_value = list(object, "queryKeyValue", to_matrix);
  layer.attention = to_attention(child(object, "attention"));
  layer.attention_output = list(object, "attentionOutput", to_matrix);
  layer.attention_output_norm = optional(object, "attentionOutputNorm", to_norm);
  layer.feed_forward_norm = optional(object, "feedForwardNorm", to_norm);
  layer.feed_forward_output_norm = optional(object, "feedForwardOutputNorm", to_norm);
  layer.feed_forward = to_feed_forward(child(object, "feedForward"));
  return layer;
}

}  // namespace

DecoderSpec to_decoder(const Napi::Object& object) {
  DecoderSpec decoder;
  decoder.files = list(object, "files", to_text);
  decoder.hidden_size = integer(object, "hiddenSize");
  decoder.vocab_size = integer(object, "vocabSize");
  decoder.norm_epsilon = real(object, "normEpsilon");
  decoder.norm_offset = real(object, "normOffset");
  decoder.is_layer_norm = flag(object, "isLayerNorm");
  decoder.is_parallel = flag(object, "isParallel");
  decoder.residual_scale = real(object, "residualScale");
  decoder.logit_scale = real(object, "logitScale");
  decoder.logit_cap = real(object, "logitCap");
  decoder.embedding_scale = real(object, "embeddingScale");
  decoder.ropes = list(object, "ropes", to_rope);
  decoder.layers = list(object, "layers", to_layer);
  decoder.embedding = optional(object, "embedding", to_matrix);
  decoder.final_norm = optional(object, "finalNorm", to_norm);
  decoder.head = optional(object, "head", to_matrix);
  decoder.dequantize = flag(object, "dequantize");
  return decoder;
}

}  // namespace exo

#include "cpu_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../../kernels/for_rows.h"
#include "../host_task.h"

namespace mx = mlx::core;

namespace exo {

namespace {

KvShape kv_shape(const DecoderSpec& spec) {
  KvShape shape;
  for (const auto& layer : spec.layers) shape.push_back({layer.attention.kv_heads, layer.attention.head_dim, layer.attention.value_dim});
  return shape;
}

/// The windows of the layers, in tokens; 0: unlimited.
std::vector<int32_t> windows_of(const DecoderSpec& spec) {
  std::vector<int32_t> windows;
  for (const auto& layer : spec.layers) windows.push_back(layer.attention.window);
  return windows;
}

/// The state sizes of the layers; empty: no layer keeps a state.
StateShape state_shape(const DecoderSpec& spec) {
  if (!spec.keeps_state) return {};
  StateShape shape;
  for (const auto& layer : spec.layers) {
    const auto& delta_net = layer.attention.delta_net;
    shape.push_back(delta_net ? delta_net->tail_numbers() + delta_net->state_numbers() : 0);
  }
  return shape;
}

/// A buffer's first `size` numbers.
float* sized(std::vector<float>& buffer, int64_t size) {
  buffer.resize(static_cast<size_t>(size));
  return buffer.data();
}

}  // namespace

CpuDecoder::CpuDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum, StepProgress& progress,
                       KvNumber kept)
    : kernels_(host_kernels()),
      pool_(pool),
      all_sum_(std::move(all_sum)),
      progress_(progress),
      hidden_size_(spec.hidden_size),
      vocab_size_(spec.vocab_size),
      epsilon_(spec.norm_epsilon),
      norm_offset_(spec.norm_offset),
      embedding_scale_(spec.embedding_scale),
      residual_scale_(spec.residual_scale),
      logit_scale_(spec.logit_scale),
      logit_cap_(spec.logit_cap),
      is_layer_norm_(spec.is_layer_norm),
      is_parallel_(spec.is_parallel),
      ropes_(spec.ropes),
      caches_(kv_shape(spec), windows_of(spec), state_shape(spec), kept) {
  if (spec.embedding) {
    embedding_ = std::make_unique<PackedMatrix>(*spec.embedding, reader, pool_, spec.dequantize);
    resident_bytes_ += embedding_->resident_bytes();
  }
  if (spec.final_norm) {
    final_norm_ = load_norm(spec.final_norm, reader);
    head_ = spec.head ? std::make_unique<CpuLinear>(LinearSource{*spec.head}, reader, pool_, spec.dequantize)
                      : std::make_unique<CpuLinear>(*embedding_, pool_);
    resident_bytes_ += head_->resident_bytes();
  }
  for (const auto& layer : spec.layers) load_layer(layer, spec.ropes[static_cast<size_t>(layer.attention.rope)], reader, spec.dequantize);
}

void CpuDecoder::load_layer(const LayerSpec& spec, const RopeSpec& rope, WeightReader& reader, bool dequantize) {
  const auto optional_weight = [&](const std::optional<TensorSource>& source) {
    return source ? load_weight(*source, reader) : std::vector<float>{};
  };
  const auto& attention = spec.attention;
  CpuAttentionVectors vectors{optional_weight(attention.query_norm), optional_weight(attention.key_norm),
                              attention.sinks ? load_vector(*attention.sinks, reader) : std::vector<float>{}};
  const auto linear = [&](const LinearSource& source) { return CpuLinear(source, reader, pool_, dequantize); };
  layers_.push_back(
      {load_norm(spec.input_norm, reader), load_norm(spec.feed_forward_norm, reader), load_norm(spec.attention_output_norm, reader),
       load_norm(spec.feed_forward_output_norm, reader), linear(spec.query_key_value),
       CpuAttention(attention, rope, caches_.sights().place(layers_.size()), caches_.number(), std::move(vectors), epsilon_, pool_),
       load_delta_net(attention.delta_net, reader), linear(spec.attention_output),
       CpuFeedForward(spec.feed_forward, reader, pool_, dequantize)});
  const Layer& layer = layers_.back();
  resident_bytes_ += layer.query_key_value.resident_bytes() + layer.attention_output.resident_bytes() + layer.feed_forward.resident_bytes();
}

std::optional<CpuDeltaNet> CpuDecoder::load_delta_net(const std::optional<DeltaNetSpec>& spec, WeightReader& reader) {
  if (!spec) return std::nullopt;
  std::vector<float> convolution;
  for (const auto& part : spec->convolution) {
    const auto floats = load_vector(part, reader);
    convolution.insert(convolution.end(), floats.begin(), floats.end());
  }
  CpuDeltaNetVectors vectors{std::move(convolution), load_vector(spec->decay_log, reader), load_vector(spec->step_bias, reader),
                             load_vector(spec->norm, reader)};
  return std::make_optional<CpuDeltaNet>(*spec, static_cast<int64_t>(layers_.size()), std::move(vectors), pool_);
}

std::vector<float> CpuDecoder::load_vector(const TensorSource& source, WeightReader& reader) {
  auto floats = reader.read_floats(source);
  resident_bytes_ += static_cast<int64_t>(floats.size() * sizeof(float));
  return floats;
}

std::vector<float> CpuDecoder::load_weight(const TensorSource& source, WeightReader& reader) {
  auto weight = load_vector(source, reader);
  for (auto& value : weight) value += norm_offset_;
  return weight;
}

CpuDecoder::CpuNorm CpuDecoder::load_norm(const std::optional<NormSource>& source, WeightReader& reader) {
  if (!source) return {};
  return {load_weight(source->weight, reader), source->bias ? load_vector(*source->bias, reader) : std::vector<float>{}};
}

std::shared_ptr<PreparedStep> CpuDecoder::prepare(StepPlan plan) {
  caches_.follow(plan);
  return std::make_shared<CpuStep>(std::move(plan), caches_, ropes_);
}

mx::array CpuDecoder::embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mx::array>& previous) {
  std::vector<mx::array> inputs;
  if (previous) inputs.push_back(*previous);
  const auto rows = static_cast<mx::ShapeElem>(step->token_count());
  return host_task("embed", {rows, static_cast<mx::ShapeElem>(hidden_size_)}, mx::float32, inputs,
                   [this, step](const auto& sources, void* output) {
                     for_rows(pool_, step->token_count(), hidden_size_, [&](int64_t begin, int64_t end) {
                       for (int64_t row = begin; row < end; ++row) {
                         const int32_t token = step->plan.tokens[static_cast<size_t>(row)];
                         const int32_t known = token >= 0 ? token : static_cast<const int32_t*>(sources.at(0))[-1 - token];
                         float* to = static_cast<float*>(output) + row * hidden_size_;
                         embedding_->copy_row(known, to);
                         for (int64_t i = 0; i < hidden_size_; ++i) to[i] *= embedding_scale_;
                       }
                     });
                   });
}

mx::array CpuDecoder::run_layers(const std::shared_ptr<PreparedStep>& prepared, const mx::array& hidden) {
  const auto step = std::static_pointer_cast<CpuStep>(prepared);
  const int64_t rows = step->token_count();
  const auto bytes = static_cast<size_t>(rows * hidden_size_) * sizeof(float);
  if (!all_sum_) {
    return host_task("layers", hidden.shape(), mx::float32, {hidden}, [this, step, rows, bytes](const auto& sources, void* output) {
      float* state = static_cast<float*>(output);
      std::memcpy(state, sources[0], bytes);
      const auto add_to_state = [&](const CpuNorm& norm, const auto& half) {
        if (norm.is_absent() && residual_scale_ == 1) return half(state, state);
        float* part = sized(workspace_.output, rows * hidden_size_);
        half(part, nullptr);
        add_part(part, norm, rows, state);
      };
      for (const auto& layer : layers_) {
        attend(layer, *step, state);
        add_to_state(layer.attention_output_norm, [&](float* y, const float* residual) {
          layer.attention_output.multiply(workspace_.attended.data(), rows, y, residual);
        });
        add_to_state(layer.feed_forward_output_norm,
                     [&](float* y, const float* residual) { feed_forward(layer, rows, state, y, residual); });
        ++progress_.layers_done;
      }
    });
  }
  mx::array state = hidden;
  const auto add = [&](const mx::array& part, const CpuNorm& norm) {
    const auto sum = all_sum_(part);
    if (norm.is_absent() && residual_scale_ == 1) return mx::add(state, sum, mx::Device::cpu);
    return host_task("add", hidden.shape(), mx::float32, {state, sum}, [this, rows, bytes, &norm](const auto& sources, void* output) {
      std::memcpy(output, sources[0], bytes);
      add_part(static_cast<const float*>(sources[1]), norm, rows, static_cast<float*>(output));
    });
  };
  for (const auto& layer : layers_) {
    const auto attended = layer.attention.has_row_norms() ? attend_over_ranks(layer, step, state)
                                                          : host_task("attention", hidden.shape(), mx::float32, {state},
                                                                      [this, step, &layer](const auto& sources, void* output) {
                                                                        attend(layer, *step, static_cast<const float*>(sources[0]));
                                                                        finish_attention(layer, *step, static_cast<float*>(output));
                                                                      });
    state = add(attended, layer.attention_output_norm);
    if (is_parallel_) continue;
    state = add(host_task("feed-forward", hidden.shape(), mx::float32, {state},
                          [this, rows, &layer](const auto& sources, void* output) {
                            feed_forward(layer, rows, static_cast<const float*>(sources[0]), static_cast<float*>(output), nullptr);
                            ++progress_.layers_done;
                          }),
                layer.feed_forward_output_norm);
  }
  return state;
}

mx::array CpuDecoder::attend_over_ranks(const Layer& layer, const std::shared_ptr<CpuStep>& step, const mx::array& state) {
  const int64_t rows = step->token_count(), width = layer.query_key_value.outputs();
  const auto size = static_cast<size_t>(rows * width) * sizeof(float);
  const auto projected = host_task("projections", {static_cast<mx::ShapeElem>(rows), static_cast<mx::ShapeElem>(width)}, mx::float32,
                                   {state}, [this, rows, size, &layer](const auto& sources, void* output) {
                                     std::memcpy(output, project(layer, rows, static_cast<const float*>(sources[0])), size);
                                   });
  const auto squares = host_task("squares", {static_cast<mx::ShapeElem>(rows), 2}, mx::float32, {projected},
                                 [rows, &layer](const auto& sources, void* output) {
                                   layer.attention.sum_squares(static_cast<const float*>(sources[0]), rows, static_cast<float*>(output));
                                 });
  return host_task("attention", state.shape(), mx::float32, {projected, all_sum_(squares), state},
                   [this, step, rows, width, size, &layer](const auto& sources, void* output) {
                     float* own = sized(workspace_.projected, rows * width);
                     std::memcpy(own, sources[0], size);
                     layer.attention.normalize_rows(own, rows, static_cast<const float*>(sources[1]));
                     layer.attention.run(*step, own, sized(workspace_.attended, rows * layer.attention.attended_width()));
                     if (is_parallel_) normalize(static_cast<const float*>(sources[2]), layer.input_norm, rows);
                     finish_attention(layer, *step, static_cast<float*>(output));
                   });
}

void CpuDecoder::finish_attention(const Layer& layer, const CpuStep& step, float* y) {
  const int64_t rows = step.token_count();
  layer.attention_output.multiply(workspace_.attended.data(), rows, y, nullptr);
  if (!is_parallel_) return;
  feed_forward(layer, rows, nullptr, y, y);
  ++progress_.layers_done;
}

mx::array CpuDecoder::logits(const mx::array& hidden, std::vector<int32_t> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  const mx::Shape shape{static_cast<mx::ShapeElem>(count), static_cast<mx::ShapeElem>(vocab_size_)};
  return host_task("head", shape, mx::float32, {hidden}, [this, rows = std::move(rows), count](const auto& sources, void* output) {
    float* normalized = sized(workspace_.normalized, count * hidden_size_);
    normalize_last(static_cast<const float*>(sources[0]), rows, normalized);
    float* logits = static_cast<float*>(output);
    head_->multiply(normalized, count, logits, nullptr);
    if (logit_scale_ != 1) {
      for (int64_t i = 0; i < count * vocab_size_; ++i) logits[i] *= logit_scale_;
    }
    if (logit_cap_ > 0) {
      for (int64_t i = 0; i < count * vocab_size_; ++i) logits[i] = logit_cap_ * std::tanh(logits[i] / logit_cap_);
    }
    ++progress_.layers_done;
  });
}

mx::array CpuDecoder::final_states(const mx::array& hidden, std::vector<int32_t> rows) {
  const mx::Shape shape{static_cast<mx::ShapeElem>(rows.size()), static_cast<mx::ShapeElem>(hidden_size_)};
  return host_task("states", shape, mx::float32, {hidden}, [this, rows = std::move(rows)](const auto& sources, void* output) {
    normalize_last(static_cast<const float*>(sources[0]), rows, static_cast<float*>(output));
    ++progress_.layers_done;
  });
}

void CpuDecoder::normalize_last(const float* hidden, const std::vector<int32_t>& rows, float* y) const {
  for (const int32_t row : rows) {
    normalize_row(final_norm_, hidden + row * hidden_size_, y);
    y += hidden_size_;
  }
}

void CpuDecoder::normalize_row(const CpuNorm& norm, const float* x, float* y) const {
  if (norm.is_absent()) {
    std::copy_n(x, hidden_size_, y);
    return;
  }
  if (!is_layer_norm_) return kernels_.rms_norm(x, norm.weight.data(), y, hidden_size_, epsilon_);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < hidden_size_; ++i) sum += x[i];
  const float mean = static_cast<float>(sum / static_cast<double>(hidden_size_));
  for (int64_t i = 0; i < hidden_size_; ++i) squares += static_cast<double>(x[i] - mean) * (x[i] - mean);
  const float factor = 1 / std::sqrt(static_cast<float>(squares / static_cast<double>(hidden_size_)) + epsilon_);
  for (int64_t i = 0; i < hidden_size_; ++i) {
    y[i] = (x[i] - mean) * factor * norm.weight[static_cast<size_t>(i)];
    if (!norm.bias.empty()) y[i] += norm.bias[static_cast<size_t>(i)];
  }
}

void CpuDecoder::normalize(const float* x, const CpuNorm& norm, int64_t rows) {
  float* y = sized(workspace_.normalized, rows * hidden_size_);
  for_rows(pool_, rows, hidden_size_, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) normalize_row(norm, x + row * hidden_size_, y + row * hidden_size_);
  });
}

void CpuDecoder::add_part(const float* part, const CpuNorm& norm, int64_t rows, float* state) {
  for_rows(pool_, rows, hidden_size_, [&](int64_t begin, int64_t end) {
    thread_local std::vector<float> normalized;
    normalized.resize(static_cast<size_t>(hidden_size_));
    for (int64_t row = begin; row < end; ++row) {
      normalize_row(norm, part + row * hidden_size_, normalized.data());
      float* to = state + row * hidden_size_;
      for (int64_t i = 0; i < hidden_size_; ++i) to[i] += normalized[static_cast<size_t>(i)] * residual_scale_;
    }
  });
}

float* CpuDecoder::project(const Layer& layer, int64_t rows, const float* hidden) {
  float* projected = sized(workspace_.projected, rows * layer.query_key_value.outputs());
  normalize(hidden, layer.input_norm, rows);
  layer.query_key_value.multiply(workspace_.normalized.data(), rows, projected, nullptr);
  return projected;
}

void CpuDecoder::attend(const Layer& layer, const CpuStep& step, const float* hidden) {
  const int64_t rows = step.token_count();
  float* projected = project(layer, rows, hidden);
  if (layer.delta_net) return layer.delta_net->run(step, projected, sized(workspace_.attended, rows * layer.delta_net->attended_width()));
  if (layer.attention.has_row_norms()) {
    std::vector<float> sums(static_cast<size_t>(2 * rows));
    layer.attention.sum_squares(projected, rows, sums.data());
    layer.attention.normalize_rows(projected, rows, sums.data());
  }
  layer.attention.run(step, projected, sized(workspace_.attended, rows * layer.attention.attended_width()));
}

void CpuDecoder::feed_forward(const Layer& layer, int64_t rows, const float* hidden, float* y, const float* residual) {
  // If the halves are parallel, the second one reads the input that was normalized for the first.
  if (!is_parallel_) normalize(hidden, layer.feed_forward_norm, rows);
  layer.feed_forward.run(workspace_.feed_forward, workspace_.normalized.data(), rows, hidden_size_, y, residual);
}

}  // namespace exo

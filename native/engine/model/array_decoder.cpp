#include "array_decoder.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Of the keys and values of one token.
int64_t token_bytes(const DecoderSpec& spec, mx::Dtype type) {
  int64_t numbers = 0;
  for (const auto& layer : spec.layers) numbers += 2 * int64_t{layer.attention.kv_heads} * layer.attention.head_dim;
  return numbers * static_cast<int64_t>(mx::size_of(type));
}

/// What a token sees of `total` positions when only the last `window` before it count: [tokens, total].
mx::array window_mask(int position, int tokens, int window) {
  const auto row = mx::expand_dims(mx::arange(position, position + tokens, mx::int32), 1);
  const auto column = mx::expand_dims(mx::arange(position + tokens, mx::int32), 0);
  return mx::logical_and(mx::less_equal(column, row), mx::greater(column, mx::subtract(row, mx::array(window))));
}

}  // namespace

template <typename Offset>
mx::array ArrayDecoder::Rope::turn(const mx::array& x, const Offset& offset) const {
  if (magnitude == 1) return mx::fast::rope(x, dims, is_interleaved, std::nullopt, position_scale, offset, lengths);
  const auto turned = mx::multiply(mx::slice(x, {0, 0, 0, 0}, {x.shape(0), x.shape(1), x.shape(2), dims}), mx::array(magnitude, x.dtype()));
  const auto kept = mx::slice(x, {0, 0, 0, dims}, x.shape());
  return mx::fast::rope(mx::concatenate({turned, kept}, -1), dims, is_interleaved, std::nullopt, position_scale, offset, lengths);
}

ArrayDecoder::ArrayDecoder(const DecoderSpec& spec, WeightReader& reader, AllSum all_sum)
    : is_gpu_(mx::default_device() == mx::Device::gpu), all_sum_(std::move(all_sum)), epsilon_(spec.norm_epsilon),
      type_(is_gpu_ && !spec.layers.empty() ? dtype_of(spec.layers[0].input_norm.type) : mx::float32), caches_(spec.layers.size(), token_bytes(spec, type_)) {
  for (const auto& rope : spec.ropes) {
    std::vector<float> lengths;
    for (const auto frequency : rope.inverse_frequencies) lengths.push_back(1 / frequency);
    const int half = static_cast<int>(lengths.size());
    ropes_.push_back({2 * half, rope.is_interleaved, rope.position_scale, rope.magnitude, mx::array(lengths.data(), {half}, mx::float32)});
  }
  ArrayLoader loader(reader, !is_gpu_);
  if (spec.embedding) embedding_ = loader.matrix(*spec.embedding);
  if (spec.final_norm) {
    final_norm_ = loader.vector(*spec.final_norm);
    head_ = spec.head ? loader.matrix(*spec.head) : *embedding_;
  }
  for (const auto& source : spec.layers) {
    const auto& attention = source.attention;
    const auto optional_norm = [&](const std::optional<TensorSource>& norm) { return norm ? std::optional(loader.vector(*norm)) : std::nullopt; };
    layers_.push_back({attention, loader.vector(source.input_norm), loader.vector(source.feed_forward_norm), optional_norm(attention.query_norm),
                       optional_norm(attention.key_norm), loader.linear(source.query_key_value), loader.linear(source.attention_output),
                       ArrayFeedForward(source.feed_forward, loader)});
  }
  resident_bytes_ = loader.resident_bytes();
}

std::shared_ptr<PreparedStep> ArrayDecoder::prepare(StepPlan plan) {
  caches_.follow(plan);
  return std::make_shared<PreparedStep>(std::move(plan));
}

mx::array ArrayDecoder::embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mx::array>& previous) {
  const auto& tokens = step->plan.tokens;
  mx::array ids(tokens.data(), {static_cast<int>(tokens.size())}, mx::int32);
  if (previous && std::any_of(tokens.begin(), tokens.end(), [](int32_t token) { return token < 0; })) {
    const auto rows = mx::maximum(mx::subtract(mx::array(-1), ids), mx::array(0));
    ids = mx::where(mx::less(ids, mx::array(0)), mx::take(*previous, rows), ids);
  }
  return embedding_->rows(ids, type_);
}

mx::array ArrayDecoder::run_layers(const std::shared_ptr<PreparedStep>& step, const mx::array& hidden) {
  auto state = hidden;
  for (size_t index = 0; index < layers_.size(); ++index) {
    const auto& layer = layers_[index];
    state = add(state, layer.attention_output.multiply(attend(layer, index, step->plan, mx::fast::rms_norm(state, layer.input_norm, epsilon_))));
    state = add(state, layer.feed_forward.run(mx::fast::rms_norm(state, layer.feed_forward_norm, epsilon_)));
  }
  return state;
}

mx::array ArrayDecoder::logits(const mx::array& hidden, std::vector<int32_t> rows) {
  const mx::array indices(rows.data(), {static_cast<int>(rows.size())}, mx::int32);
  return mx::astype(head_->multiply(mx::fast::rms_norm(mx::take(hidden, indices, 0), *final_norm_, epsilon_)), mx::float32);
}

mx::array ArrayDecoder::attend(const Layer& layer, size_t index, const StepPlan& plan, const mx::array& normalized) {
  const auto& spec = layer.attention;
  const int rows = normalized.shape(0);
  const auto projected = mx::reshape(layer.query_key_value.multiply(normalized), {rows, spec.heads + 2 * spec.kv_heads, spec.head_dim});
  const auto heads = [&](int begin, int end) { return mx::slice(projected, {0, begin, 0}, {rows, end, spec.head_dim}); };
  auto queries = heads(0, spec.heads), keys = heads(spec.heads, spec.heads + spec.kv_heads);
  const auto values = heads(spec.heads + spec.kv_heads, spec.heads + 2 * spec.kv_heads);
  if (layer.query_norm) queries = mx::fast::rms_norm(queries, *layer.query_norm, epsilon_);
  if (layer.key_norm) keys = mx::fast::rms_norm(keys, *layer.key_norm, epsilon_);

  std::vector<mx::array> outputs;
  int first = 0;
  for (const auto& segment : plan.segments) {
    // [tokens, heads, dim] -> [1, heads, tokens, dim]
    const auto part = [&](const mx::array& x) {
      const auto taken = mx::slice(x, {first, 0, 0}, {first + segment.tokens, x.shape(1), x.shape(2)});
      return mx::expand_dims(mx::transpose(taken, {1, 0, 2}), 0);
    };
    outputs.push_back(attend_segment(layer, caches_.layer(segment.slot, index), segment, part(queries), part(keys), part(values)));
    first += segment.tokens;
  }
  return outputs.size() == 1 ? outputs[0] : mx::concatenate(std::move(outputs), 0);
}

mx::array ArrayDecoder::attend_segment(const Layer& layer, LayerArrays& cache, const PlanSegment& segment, const mx::array& queries,
                                       const mx::array& keys, const mx::array& values) {
  const auto& spec = layer.attention;
  const auto& rope = ropes_[static_cast<size_t>(spec.rope)];
  cache.append(rope.turn(keys, segment.position), values, segment.position);
  const int end = segment.position + segment.tokens;
  const bool is_windowed = spec.window > 0 && end > spec.window;
  // One token alone sees exactly its window; several need a mask.
  const int begin = is_windowed && segment.tokens == 1 ? end - spec.window : 0;
  const auto seen = [&](const mx::array& held) { return mx::slice(held, {0, 0, begin, 0}, {1, held.shape(1), end, held.shape(3)}); };
  const bool needs_mask = is_windowed && segment.tokens > 1;
  const auto mask = needs_mask ? std::optional(window_mask(segment.position, segment.tokens, spec.window)) : std::nullopt;
  const auto attended = mx::fast::scaled_dot_product_attention(rope.turn(queries, segment.position), seen(*cache.keys), seen(*cache.values), spec.scale,
                                                               segment.tokens > 1 && !needs_mask ? "causal" : "", mask);
  return mx::reshape(mx::transpose(attended, {0, 2, 1, 3}), {segment.tokens, spec.heads * spec.head_dim});
}

mx::array ArrayDecoder::add(const mx::array& state, const mx::array& part) const { return mx::add(state, all_sum_ ? all_sum_(part) : part); }

}  // namespace exo

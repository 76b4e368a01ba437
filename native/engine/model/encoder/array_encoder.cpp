#include "array_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../array/parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// The most logits that are held at once. Long texts are attended to in several parts.
constexpr int64_t kMostLogits = int64_t{1} << 26;
/// Layers of a batch with at least this many tokens are evaluated one by one, so that their progress is seen.
constexpr int64_t kLongTokens = 512;

/// Large enough that softmax gives 0, and small enough that sums stay finite: a padded row sees nothing, and its numbers
/// must not become NaN.
float masked(mx::Dtype type) { return type == mx::float16 ? -3e4f : -1e9f; }

mx::array activated(const mx::array& x, EncoderActivation activation) {
  const auto number = [&](float value) { return mx::array(value, x.dtype()); };
  switch (activation) {
    case EncoderActivation::None: return x;
    case EncoderActivation::Gelu:
      return mx::multiply(mx::multiply(x, number(0.5f)), mx::add(number(1), mx::erf(mx::multiply(x, number(std::sqrt(0.5f))))));
    case EncoderActivation::GeluTanh: return gelu_tanh(x);
    case EncoderActivation::Silu: return mx::multiply(x, mx::sigmoid(x));
    case EncoderActivation::Relu: return mx::maximum(x, number(0));
    case EncoderActivation::Tanh: return mx::tanh(x);
  }
  throw std::invalid_argument("an activation that encoders do not have");
}

mx::Dtype weight_type_of(const EncoderSpec& spec) {
  const auto& first = spec.layers.front().query_key_value.front();
  const auto type = first.quantization ? first.quantization->scales.type : first.weight.type;
  return type == StoredType::Float16 || type == StoredType::BFloat16 ? dtype_of(type) : mx::float32;
}

bool are_alike(const std::vector<EncodedText>& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](const EncodedText& text) { return text.tokens->size() == texts[0].tokens->size(); });
}

}  // namespace

ArrayEncoder::ArrayEncoder(const EncoderSpec& spec, WeightReader& reader, ThreadPool& pool, StepProgress& progress,
                           GraphEvaluator& evaluator, bool keeps_types)
    : progress_(progress),
      evaluator_(evaluator),
      heads_(spec.heads),
      kv_heads_(spec.kv_heads),
      head_dim_(spec.head_dim),
      hidden_size_(spec.hidden_size),
      vocab_size_(spec.vocab_size),
      scale_(spec.attention_scale),
      norm_epsilon_(spec.norm_epsilon),
      embedding_scale_(spec.embedding_scale),
      first_position_(spec.first_position),
      is_classifier_(spec.is_classifier),
      is_mean_classified_(spec.is_mean_classified),
      type_(keeps_types ? weight_type_of(spec) : mx::float32),
      slopes_(spec.slopes) {
  for (const auto& rope : spec.ropes) ropes_.emplace_back(rope);
  ArrayLoader loader(reader, pool, type_);
  DecoderSpec kind;
  kind.norm_offset = spec.norm_offset, kind.norm_epsilon = spec.norm_epsilon, kind.is_layer_norm = spec.is_layer_norm;
  const NormLoader norms(kind, loader);
  embedding_ = loader.matrix(spec.embedding);
  if (spec.positions) positions_ = loader.matrix(*spec.positions);
  if (spec.segments) segments_ = loader.matrix(*spec.segments);
  embedding_norm_ = norms.norm(spec.embedding_norm);
  final_norm_ = norms.norm(spec.final_norm);
  const auto head_norm = [&](const std::optional<TensorSource>& source) {
    return source ? std::optional(norms.weight(*source)) : std::nullopt;
  };
  for (const auto& source : spec.layers) {
    layers_.push_back({norms.norm(source.attention_norm), norms.norm(source.attention_output_norm), norms.norm(source.attention_sum_norm),
                       norms.norm(source.feed_forward_norm), norms.norm(source.feed_forward_output_norm),
                       norms.norm(source.feed_forward_sum_norm), loader.linear(source.query_key_value),
                       loader.linear(source.attention_output), loader.linear(source.up), loader.linear(source.down),
                       head_norm(source.query_norm), head_norm(source.key_norm), source.window, source.rope, source.is_gated,
                       source.activation});
  }
  for (const auto& source : spec.dense) dense_.push_back({loader.matrix(source.weight), source.activation, norms.norm(source.norm)});
  resident_bytes_ = loader.resident_bytes();
}

std::vector<std::vector<double>> ArrayEncoder::encode(const std::vector<EncodedText>& texts) {
  size_t tokens = 0;
  for (const auto& text : texts) tokens = std::max(tokens, text.tokens->size());
  auto vectors = pooled(run(texts, static_cast<int>(tokens)), texts);
  for (const auto& [weight, activation, norm] : dense_) vectors = normalized(activated(weight.multiply(vectors), activation), norm);
  vectors = mx::contiguous(mx::astype(vectors, mx::float32));
  evaluator_.finish({vectors});
  const auto width = static_cast<size_t>(vectors.shape(1));
  const float* numbers = vectors.data<float>();
  std::vector<std::vector<double>> results;
  for (size_t row = 0; row < texts.size(); ++row) results.emplace_back(numbers + row * width, numbers + (row + 1) * width);
  return results;
}

mx::array ArrayEncoder::run(const std::vector<EncodedText>& texts, int tokens) {
  auto state = embed(texts, tokens);
  const bool is_long = static_cast<int64_t>(texts.size()) * tokens >= kLongTokens;
  for (const auto& layer : layers_) {
    const auto attended = attend(layer, normalized(state, layer.attention_norm), texts);
    state = normalized(mx::add(state, normalized(attended, layer.attention_output_norm)), layer.attention_sum_norm);
    auto inner = layer.up.multiply(normalized(state, layer.feed_forward_norm));
    if (layer.is_gated) {
      const auto halves = mx::split(inner, 2, -1);
      inner = mx::multiply(activated(halves[0], layer.activation), halves[1]);
    } else {
      inner = activated(inner, layer.activation);
    }
    state = normalized(mx::add(state, normalized(layer.down.multiply(inner), layer.feed_forward_output_norm)), layer.feed_forward_sum_norm);
    if (!is_long) continue;
    evaluator_.finish({state});
    ++progress_.layers_done;
  }
  return normalized(state, final_norm_);
}

mx::array ArrayEncoder::embed(const std::vector<EncodedText>& texts, int tokens) const {
  const auto count = static_cast<int>(texts.size());
  const bool has_second_segment = segments_ && segments_->weight.shape(0) > 1;
  std::vector<int32_t> ids, segments;
  for (const auto& text : texts) {
    const auto own = static_cast<int>(text.tokens->size());
    for (int i = 0; i < tokens; ++i) {
      ids.push_back(i < own ? (*text.tokens)[static_cast<size_t>(i)] : 0);
      segments.push_back(has_second_segment && i < own && i >= own - text.second_tokens ? 1 : 0);
    }
  }
  const auto of_texts = [&](const std::vector<int32_t>& numbers) { return mx::array(numbers.data(), {count, tokens}, mx::int32); };
  auto state = embedding_->rows(of_texts(ids), type_);
  if (embedding_scale_ != 1) state = mx::multiply(state, mx::array(embedding_scale_, type_));
  if (positions_) state = mx::add(state, positions_->rows(mx::arange(first_position_, first_position_ + tokens, mx::int32), type_));
  if (segments_) state = mx::add(state, segments_->rows(of_texts(segments), type_));
  return normalized(state, embedding_norm_);
}

mx::array ArrayEncoder::heads_of(const mx::array& rows, const std::optional<mx::array>& norm, int rope) const {
  auto heads = mx::transpose(mx::reshape(rows, {rows.shape(0), rows.shape(1), -1, head_dim_}), {0, 2, 1, 3});
  if (norm) heads = mx::fast::rms_norm(heads, *norm, norm_epsilon_);
  return rope < 0 ? heads : ropes_[static_cast<size_t>(rope)].turn(heads, 0);
}

mx::array ArrayEncoder::attend(const Layer& layer, const mx::array& x, const std::vector<EncodedText>& texts) const {
  const auto parts = mx::split(layer.query_key_value.multiply(x), mx::Shape{heads_ * head_dim_, (heads_ + kv_heads_) * head_dim_}, -1);
  const auto queries = heads_of(parts[0], layer.query_norm, layer.rope);
  const auto keys = heads_of(parts[1], layer.key_norm, layer.rope);
  const auto values = heads_of(parts[2], std::nullopt, -1);
  const int count = x.shape(0), tokens = x.shape(1);
  const float scale = layer.rope < 0 ? scale_ : scale_ * std::pow(ropes_[static_cast<size_t>(layer.rope)].left_out(head_dim_), 2.0f);
  const auto rows = static_cast<int>(std::clamp<int64_t>(kMostLogits / (int64_t{count} * heads_ * tokens), 1, tokens));
  std::vector<mx::array> results;
  for (int begin = 0; begin < tokens; begin += rows) {
    const int end = std::min(begin + rows, tokens);
    const auto asked = mx::slice(queries, {0, 0, begin, 0}, {count, heads_, end, head_dim_});
    const auto unseen = mask(texts, layer.window, begin, end, tokens);
    results.push_back(unseen ? mx::fast::scaled_dot_product_attention(asked, keys, values, scale, "", {*unseen})
                             : mx::fast::scaled_dot_product_attention(asked, keys, values, scale));
    if (rows < tokens) evaluator_.finish({results.back()});
  }
  const auto all = results.size() == 1 ? results[0] : mx::concatenate(std::move(results), 2);
  return layer.attention_output.multiply(mx::reshape(mx::transpose(all, {0, 2, 1, 3}), {count, tokens, heads_ * head_dim_}));
}

std::optional<mx::array> ArrayEncoder::mask(const std::vector<EncodedText>& texts, int window, int begin, int end, int tokens) const {
  const auto hidden = mx::array(masked(type_), type_), seen = mx::array(0.0f, type_);
  std::optional<mx::array> sum;
  const auto add = [&](const mx::array& part) { sum = sum ? mx::add(*sum, part) : part; };
  if (!are_alike(texts)) {
    std::vector<int32_t> lengths;
    for (const auto& text : texts) lengths.push_back(static_cast<int32_t>(text.tokens->size()));
    const mx::array ends(lengths.data(), {static_cast<int>(lengths.size()), 1, 1, 1}, mx::int32);
    add(mx::where(mx::less(mx::reshape(mx::arange(0, tokens, mx::int32), {1, 1, 1, tokens}), ends), seen, hidden));
  }
  if ((window < 0 || window >= tokens - 1) && slopes_.empty()) return sum;
  const auto distances = mx::abs(mx::subtract(mx::reshape(mx::arange(begin, end, mx::int32), {1, 1, end - begin, 1}),
                                              mx::reshape(mx::arange(0, tokens, mx::int32), {1, 1, 1, tokens})));
  if (window >= 0 && window < tokens - 1) add(mx::where(mx::less_equal(distances, mx::array(window)), seen, hidden));
  if (!slopes_.empty()) {
    const mx::array slopes(slopes_.data(), {1, heads_, 1, 1}, mx::float32);
    add(mx::astype(mx::negative(mx::multiply(slopes, mx::astype(distances, mx::float32))), type_));
  }
  return sum;
}

mx::array ArrayEncoder::pooled(const mx::array& states, const std::vector<EncodedText>& texts) const {
  std::vector<mx::array> rows;
  for (size_t index = 0; index < texts.size(); ++index) {
    const auto row = static_cast<int>(index), tokens = static_cast<int>(texts[index].tokens->size());
    const auto from = [&](int begin, int end) { return mx::slice(states, {row, begin, 0}, {row + 1, end, hidden_size_}); };
    auto pooling = texts[index].pooling;
    if (pooling == Pooling::Scores) pooling = is_mean_classified_ ? Pooling::Mean : Pooling::First;
    switch (pooling) {
      case Pooling::First: rows.push_back(from(0, 1)); break;
      case Pooling::Last: rows.push_back(from(tokens - 1, tokens)); break;
      case Pooling::Mean: rows.push_back(mx::astype(mx::mean(mx::astype(from(0, tokens), mx::float32), 1, true), type_)); break;
      case Pooling::Scores: throw std::invalid_argument("scores have a pooling of their own");
    }
  }
  return mx::squeeze(mx::concatenate(std::move(rows), 0), 1);
}

}  // namespace exo

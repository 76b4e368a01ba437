#include "array_decoder.h"

#include <algorithm>
#include <tuple>

#include "parts/array_numbers.h"
#include "../host_task.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// Shorter steps end before anyone could ask for their progress.
constexpr int64_t kMarkedTokens = 32;
/// The number of marks in a long step. Each mark ends a batch of GPU work, which costs little in a long step.
constexpr size_t kMarks = 16;

/// Numbers that a layer keeps of each token to pool groups of them.
double pooled_numbers(const PooledAttentionSpec& pooled, int head_dim, const std::optional<TokenGroupsSpec>& groups) {
  const auto of = [](const std::optional<GroupPoolSpec>& pool, int dim) { return pool ? (pool->are_overlapping ? 4.0 : 2.0) * dim : 0.0; };
  return of(pooled.pool, head_dim) + (pooled.index ? of(pooled.index->pool, groups ? groups->index_dim : 0) : 0);
}

/// The number of tokens that a layer must see at least, since it pools groups of them.
int32_t pooled_span(const AttentionSpec& attention) {
  if (!attention.pooled || !attention.pooled->pool) return 0;
  const auto& pool = *attention.pooled->pool;
  return pool.are_overlapping ? 2 * pool.tokens : pool.tokens;
}

/// Bytes in the cache per token: keys and values of this rank's heads, or a latent and a rotated key.
int64_t token_bytes(const DecoderSpec& spec, mx::Dtype type, int kept_bits) {
  double bytes = 0;
  for (const auto& layer : spec.layers) {
    const auto& attention = layer.attention;
    if (attention.keys_of >= 0) continue;
    if (attention.pooled) {
      bytes += static_cast<double>(attention.head_dim) * static_cast<double>(mx::size_of(type)) +
               pooled_numbers(*attention.pooled, attention.head_dim, spec.token_groups) * sizeof(float);
      continue;
    }
    const int numbers = attention.kv_heads * (attention.head_dim + (attention.latent ? 0 : attention.value_dim));
    const auto format = attention.latent ? KeptFormat{} : kept_format(attention.head_dim, attention.value_dim, kept_bits);
    const int index_numbers = attention.block_index ? attention.head_dim : 0;
    bytes += (numbers + index_numbers) * kept_number_bytes(format, type);
  }
  if (spec.token_groups)
    bytes += static_cast<double>(held_groups(spec)) * (spec.token_groups->head_dim + spec.token_groups->index_dim) *
             static_cast<double>(mx::size_of(type));
  return static_cast<int64_t>(bytes);
}

/// The windows of the layers, in tokens; 0: unlimited.
std::vector<int32_t> windows_of(const DecoderSpec& spec) {
  std::vector<int32_t> windows;
  for (const auto& layer : spec.layers)
    windows.push_back(layer.attention.latent ? 0 : std::max(layer.attention.window, pooled_span(layer.attention)));
  windows.resize(windows.size() + held_groups(spec), 0);
  return windows;
}

/// Bytes of state per sequence, regardless of its length.
int64_t state_bytes(const DecoderSpec& spec, mx::Dtype type) {
  int64_t bytes = 0;
  for (const auto& layer : spec.layers) {
    const auto& keeper = layer.beside ? layer.beside->attention : layer.attention;
    bytes += keeper.state_numbers() * static_cast<int64_t>(sizeof(float)) + keeper.tail_numbers() * static_cast<int64_t>(mx::size_of(type));
  }
  return bytes;
}

/// A part after a layer's second half.
mx::array with_layer_input(const mx::array& state, const mx::array& input, const ArrayMatrix& gate, const ArrayMatrix& up,
                           const ArrayNorm& norm) {
  return mx::add(state, norm.apply(up.multiply(mx::multiply(gelu_tanh(gate.multiply(state)), input))));
}

/// Whether a step's tokens are exactly those that the previous step drew, in the same order.
bool are_all_of(const std::vector<int32_t>& tokens, const mx::array& previous) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] != -1 - static_cast<int32_t>(i)) return false;
  }
  return static_cast<int>(tokens.size()) == previous.shape(0);
}

/// The type of a norm that every layer has.
const MatrixSource& first_product(const LayerSpec& layer) {
  if (!layer.query_key_value.empty()) return layer.query_key_value.front();
  const auto& [always, experts] = std::tie(layer.feed_forward.always, layer.feed_forward.experts);
  return always ? always->gate_up.front() : experts->up.front();
}

StoredType norm_type(const LayerSpec& layer) {
  const auto& first = layer.input_norm ? layer.input_norm : layer.attention_output_norm;
  const auto& norm = first ? first : layer.feed_forward_norm;
  return norm ? norm->weight.type : StoredType::Float32;
}

/// The half-float type of the first layer's weights or, failing that, of its norm. The weights come first, because a
/// single float32 array makes all that follows float32.
mx::Dtype weight_type(const DecoderSpec& spec) {
  if (spec.layers.empty()) return mx::float32;
  const auto& first = first_product(spec.layers[0]);
  for (const auto type : {first.quantization ? first.quantization->scales.type : first.weight.type, norm_type(spec.layers[0])}) {
    if (type == StoredType::Float16 || type == StoredType::BFloat16) return dtype_of(type);
  }
  return mx::float32;
}

}  // namespace

ArrayDecoder::ArrayDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum, StepProgress& progress,
                           GraphEvaluator& evaluator, bool keeps_types, int kept_bits)
    : all_sum_(std::move(all_sum)),
      progress_(progress),
      embedding_scale_(spec.embedding_scale),
      residual_scale_(spec.residual_scale),
      logit_scale_(spec.logit_scale),
      logit_cap_(spec.logit_cap),
      is_parallel_(spec.is_parallel),
      type_(keeps_types ? weight_type(spec) : mx::float32),
      epsilon_(spec.norm_epsilon),
      stage_row_(stage_row_of(spec)),
      streams_(spec.streams),
      groups_(spec.token_groups),
      group_row_(spec, type_),
      caches_(windows_of(spec), token_bytes(spec, type_, kept_bits), state_bytes(spec, type_), evaluator) {
  for (const auto& rope : spec.ropes) ropes_.emplace_back(rope);
  ArrayLoader loader(reader, pool, type_);
  const NormLoader norms(spec, loader);
  if (spec.embedding) embedding_ = loader.matrix(*spec.embedding);
  const auto mix = [&](const std::optional<ResidualMixSpec>& source) {
    return source ? std::optional(mix_vector(*source, loader)) : std::nullopt;
  };
  const auto stream_mix = [&](const std::optional<StreamMixSpec>& source) {
    return source ? std::optional(ArrayStreamMix(*source, *spec.streams, epsilon_, loader)) : std::nullopt;
  };
  output_mix_ = mix(spec.output_mix);
  if (spec.final_norm) {
    final_norm_ = norms.norm(spec.final_norm);
    head_ = spec.head ? loader.matrix(*spec.head) : *embedding_;
  }
  for (const auto& source : spec.layers) {
    const auto& input = source.layer_input;
    const auto& feed_forward = source.feed_forward;
    const auto& pooled = source.attention.pooled;
    const bool has_attention = !source.query_key_value.empty(), has_feed_forward = feed_forward.always || feed_forward.experts;
    layers_.push_back(
        {has_attention && !pooled ? make_array_attention(source.attention, ropes_, loader, norms, kept_bits) : nullptr,
         norms.norm(source.input_norm), norms.norm(source.feed_forward_norm), norms.norm(source.attention_output_norm),
         norms.norm(source.feed_forward_output_norm), has_attention ? loader.linear(source.query_key_value) : ArrayLinear{},
         has_attention ? loader.linear(source.attention_output) : ArrayLinear{}, load_beside(source.beside, loader, norms),
         has_feed_forward ? std::optional(ArrayFeedForward(feed_forward, loader, norms)) : std::nullopt,
         input ? std::optional(LayerInput{loader.matrix(input->gate), loader.matrix(input->up), norms.norm(input->norm)}) : std::nullopt,
         mix(source.attention_mix), mix(source.feed_forward_mix), source.begins_block,
         source.output_scale ? std::optional(loader.vector(*source.output_scale)) : std::nullopt, source.attention.keys_of,
         source.attention.are_keys_sent,
         pooled ? std::make_unique<ArrayPooledAttention>(source.attention, spec.ropes[static_cast<size_t>(source.attention.rope)],
                                                         spec.token_groups, loader, epsilon_)
                : nullptr,
         stream_mix(source.attention_streams), stream_mix(source.feed_forward_streams)});
  }
  if (spec.output_streams && spec.streams) output_streams_.emplace(*spec.output_streams, *spec.streams, epsilon_, loader);
  if (spec.layer_inputs) layer_inputs_.emplace(*spec.layer_inputs, spec.layer_input_width, loader, norms);
  resident_bytes_ = loader.resident_bytes();
}

std::optional<ArrayDecoder::Mixer> ArrayDecoder::load_beside(const std::optional<MixerSpec>& spec, ArrayLoader& loader,
                                                             const NormLoader& norms) const {
  if (!spec) return std::nullopt;
  return Mixer{make_array_attention(spec->attention, ropes_, loader, norms, 0), loader.linear(spec->query_key_value),
               loader.linear(spec->attention_output)};
}

std::shared_ptr<PreparedStep> ArrayDecoder::prepare(StepPlan plan) {
  caches_.follow(plan);
  for (const auto& segment : plan.segments) caches_.grow(segment);
  return std::make_shared<ArrayStep>(std::move(plan), caches_);
}

mx::array ArrayDecoder::embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mx::array>& previous) {
  const auto& tokens = step->plan.tokens;
  mx::array ids(tokens.data(), {static_cast<int>(tokens.size())}, mx::int32);
  if (previous && are_all_of(tokens, *previous)) {
    ids = *previous;
  } else if (previous && std::any_of(tokens.begin(), tokens.end(), [](int32_t token) { return token < 0; })) {
    const auto rows = mx::maximum(mx::subtract(mx::array(-1), ids), mx::array(0));
    ids = mx::where(mx::less(ids, mx::array(0)), mx::take(*previous, rows), ids);
  }
  const auto rows = embedding_->rows(ids, type_);
  const auto state = embedding_scale_ == 1 ? rows : mx::multiply(rows, mx::array(embedding_scale_, type_));
  if (streams_) return group_row_.with_tokens(state, ids);
  return layer_inputs_ ? mx::concatenate({state, layer_inputs_->of(ids, state)}, -1) : state;
}

mx::array ArrayDecoder::run_layers(const std::shared_ptr<PreparedStep>& step, const mx::array& hidden) {
  auto& arrays = static_cast<ArrayStep&>(*step);
  if (streams_) return run_streams(arrays, hidden);
  StageRow row(stage_row_, hidden);
  ResidualBlocks blocks(row.blocks(), epsilon_);
  auto state = row.state();
  const size_t marked = (layers_.size() + kMarks - 1) / kMarks;
  for (size_t index = 0; index < layers_.size(); ++index) {
    const auto& layer = layers_[index];
    state = run_layer(index, state, row, blocks, arrays);
    if (layer.input) state = with_layer_input(state, row.layer_input(index), layer.input->gate, layer.input->up, layer.input->norm);
    if (layer.output_scale) state = mx::multiply(state, *layer.output_scale);
    if (step->token_count() < kMarkedTokens || (index + 1) % marked != 0) continue;
    // Nothing depends on a mark, so the layers after it do not wait.
    const auto number = mx::slice(state, {0, 0}, {1, 1});
    step->marks.push_back(host_task("mark", {1}, mx::int32, {number},
                                    [this, marked](const auto&, void*) { progress_.layers_done += static_cast<int64_t>(marked); }));
  }
  return row.sent(blocks.mixed(state, output_mix_), blocks.all());
}

mx::array ArrayDecoder::run_layer(size_t index, mx::array state, StageRow& row, ResidualBlocks& blocks, ArrayStep& step) {
  const auto& layer = layers_[index];
  if (is_parallel_) {
    const auto input = normalized(state, layer.input_norm);
    const auto both = mx::add(attend(index, input, row, step), layer.feed_forward->run(input, std::nullopt, {}));
    return add(state, all_sum_ ? all_sum_(both) : both, std::nullopt);
  }
  if (layer.attention) {
    const auto read = blocks.mixed(state, layer.attention_mix);
    if (layer.begins_block) blocks.add(state);
    const auto own = attend(index, normalized(read, layer.input_norm), row, step);
    const auto attention = all_sum_ ? all_sum_(own) : own;
    state = layer.begins_block ? attention : add(state, attention, layer.attention_output_norm);
  }
  if (!layer.feed_forward) return state;
  const auto read = blocks.mixed(state, layer.feed_forward_mix);
  return add(state, layer.feed_forward->run(read, layer.feed_forward_norm, all_sum_), layer.feed_forward_output_norm);
}

mx::array ArrayDecoder::attend(size_t index, const mx::array& input, StageRow& row, ArrayStep& step) {
  const auto& layer = layers_[index];
  const auto place = caches_.sights().place(layer.keys_of < 0 ? index : static_cast<size_t>(layer.keys_of));
  const auto own = layer.attention->normalize_rows(layer.query_key_value.multiply(input), all_sum_);
  auto attended = layer.attention->normalize_results(
      layer.attention->run(row.with_keys(own, index), step.attended(place.sight), place.index), all_sum_);
  if (layer.are_keys_sent) attended = row.send_keys(attended, index);
  const auto result = layer.attention_output.multiply(attended);
  if (!layer.beside) return result;
  const auto& [attention, query_key_value, output] = *layer.beside;
  return mx::add(result, output.multiply(attention->run(query_key_value.multiply(input), step.attended(place.sight), place.index)));
}

mx::array ArrayDecoder::logits(const mx::array& hidden, std::vector<int32_t> rows) {
  auto logits = head_->multiply(normalized_last(hidden, rows));
  if (logit_scale_ != 1) logits = mx::multiply(logits, mx::array(logit_scale_, logits.dtype()));
  return mx::astype(logit_cap_ > 0 ? soft_capped(logits, logit_cap_) : logits, mx::float32);
}

mx::array ArrayDecoder::final_states(const mx::array& hidden, std::vector<int32_t> rows) {
  return mx::astype(normalized_last(hidden, rows), mx::float32);
}

mx::array ArrayDecoder::normalized_last(const mx::array& hidden, const std::vector<int32_t>& rows) const {
  const mx::array indices(rows.data(), {static_cast<int>(rows.size())}, mx::int32);
  const bool are_all = static_cast<int>(rows.size()) == hidden.shape(0) && std::is_sorted(rows.begin(), rows.end());
  return normalized(are_all ? hidden : mx::take(hidden, indices, 0), final_norm_);
}

mx::array ArrayDecoder::add(const mx::array& state, const mx::array& part, const std::optional<ArrayNorm>& norm) const {
  const auto sum = normalized(part, norm);
  return mx::add(state, residual_scale_ == 1 ? sum : mx::multiply(sum, mx::array(residual_scale_, sum.dtype())));
}

}  // namespace exo

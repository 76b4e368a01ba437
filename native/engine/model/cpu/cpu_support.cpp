#include "cpu_support.h"

#include <algorithm>

namespace exo {

namespace {

using Obstacle = std::optional<std::string>;

/// Each check names every field of its subject or every value of an enum. So a new field or value does not compile
/// until this file says whether the kernels support it.
Obstacle obstacle_of(QuantizationMode mode) {
  switch (mode) {
    case QuantizationMode::Affine:
    case QuantizationMode::Mxfp4:
    case QuantizationMode::Nvfp4: return std::nullopt;
    case QuantizationMode::Mxfp8: return "mxfp8 weights";
  }
  return "an unknown quantization";
}

Obstacle obstacle_of(const MatrixSource& matrix) {
  const auto& [weight, quantization, bias, crop] = matrix;
  return quantization ? obstacle_of(quantization->mode) : std::nullopt;
}

Obstacle obstacle_of(const LinearSource& matrices) {
  for (const auto& matrix : matrices) {
    if (auto obstacle = obstacle_of(matrix)) return obstacle;
  }
  return std::nullopt;
}

Obstacle obstacle_of(Activation activation) {
  switch (activation) {
    case Activation::Silu:
    case Activation::GeluTanh:
    case Activation::LimitedSilu:
    case Activation::SiluOfLimited:
    case Activation::Situ:
    case Activation::ClampedSwiglu: return std::nullopt;
    case Activation::ReluSquared: return "a feed-forward without a gate";
  }
  return "an unknown activation";
}

Obstacle obstacle_of(Scoring scoring) {
  switch (scoring) {
    case Scoring::Softmax:
    case Scoring::SoftmaxOfChosen:
    case Scoring::SqrtSoftplus:
    case Scoring::SparseMixer:
    case Scoring::Sigmoid: return std::nullopt;
  }
  return "an unknown scoring of experts";
}

/// Returns the first obstacle, if there is one.
Obstacle first_of(std::initializer_list<Obstacle> obstacles) {
  const auto* found = std::find_if(obstacles.begin(), obstacles.end(), [](const Obstacle& obstacle) { return obstacle.has_value(); });
  return found == obstacles.end() ? std::nullopt : *found;
}

Obstacle obstacle_of(const RouterSpec& router) {
  // The kernels compute in float32 throughout.
  const auto& [weight, norm, norm_factor, expert_scale, correction, by_token, scoring, jitter, precision, are_weights_rounded, chosen,
               is_normalized, groups, groups_kept, is_group_best, is_best_first, logit_cap, scale] = router;
  if (norm) return "a router with a norm of its own";
  if (expert_scale) return "a factor for each expert";
  if (by_token) return "experts chosen by the token's id";
  return first_of({obstacle_of(weight), obstacle_of(scoring)});
}

Obstacle obstacle_of(const ExpertsSpec& experts) {
  const auto& [router, gate, up, down, limit, to_latent, from_latent, latent_norm, input_norm, output_norm] = experts;
  if (to_latent || from_latent || latent_norm) return "experts of a narrower state";
  if (input_norm || output_norm) return "experts with norms of their own";
  return first_of({obstacle_of(router), obstacle_of(gate), obstacle_of(up), obstacle_of(down)});
}

Obstacle obstacle_of(const GatedSource& gated) {
  const auto& [gate_up, down] = gated;
  return first_of({obstacle_of(gate_up), obstacle_of(down)});
}

Obstacle obstacle_of(const FeedForwardSpec& feed_forward) {
  const auto& [activation, always, experts, always_limit, gate_bound, up_bound, always_output_norm, always_gate] = feed_forward;
  if (always_output_norm) return "a norm of a part of the second half";
  return first_of({obstacle_of(activation), always ? obstacle_of(*always) : std::nullopt, experts ? obstacle_of(*experts) : std::nullopt,
                   always_gate ? obstacle_of(*always_gate) : std::nullopt});
}

Obstacle obstacle_of(OutputGate gate) {
  switch (gate) {
    case OutputGate::None:
    case OutputGate::HeadSigmoid:
    case OutputGate::HeadSoftplus:
    case OutputGate::ElementSigmoid: return std::nullopt;
  }
  return "an unknown output gate";
}

Obstacle obstacle_of(const DeltaNetSpec& delta_net) {
  const auto& [key_heads, value_heads, key_dim, value_dim, kernel, epsilon, convolution, decay_log, step_bias, norm, decay_up, gate_up,
               decay_bound, is_gate_sigmoid] = delta_net;
  if (decay_up || gate_up || decay_bound != 0 || is_gate_sigmoid) return "delta nets with decays for each dimension of a key";
  return std::nullopt;
}

Obstacle obstacle_of(const AttentionSpec& attention) {
  const auto& [heads, kv_heads, head_dim, value_dim, scale, window, rope, query_norm, key_norm, normed_query_width, normed_key_width,
               is_normed_after_rotation, keys_of, are_keys_received, are_keys_sent, are_heads_normed, are_values_keys, are_values_normed,
               value_scale, soft_cap, growth, gate, sinks, latent, block_index, delta_net, mamba, lightning, short_convolution, pooled] =
      attention;
  if (delta_net) {
    if (auto obstacle = obstacle_of(*delta_net)) return obstacle;
  }
  if (mamba) return "Mamba layers";
  if (lightning) return "lightning attention";
  if (short_convolution) return "short convolutions";
  if (pooled) return "attention to groups of tokens";
  if (keys_of >= 0 || are_keys_received || are_keys_sent) return "keys and values of another layer";
  if (are_heads_normed) return "norms of heads without a weight";
  if (block_index) return "an index of blocks of tokens";
  if (are_values_keys || are_values_normed) return "values that are keys, or have a norm";
  if (auto obstacle = obstacle_of(gate)) return obstacle;
  return latent ? Obstacle("latent attention") : std::nullopt;
}

Obstacle obstacle_of(const LayerSpec& layer) {
  const auto& [input_norm, feed_forward_norm, query_key_value, attention, attention_output, beside, attention_output_norm,
               feed_forward_output_norm, feed_forward, layer_input, attention_mix, feed_forward_mix, begins_block, output_scale,
               attention_streams, feed_forward_streams] = layer;
  if (attention_streams || feed_forward_streams) return "several residual streams";
  if (attention_mix || feed_forward_mix || begins_block) return "mixes of earlier states";
  if (beside) return "two kinds of attention in a layer";
  if (query_key_value.empty() || (!feed_forward.always && !feed_forward.experts)) return "layers of one half";
  if (layer_input) return "inputs of each layer";
  if (output_scale) return "a factor on a layer's output";
  return first_of({obstacle_of(attention), obstacle_of(query_key_value), obstacle_of(attention_output), obstacle_of(feed_forward)});
}

Obstacle obstacle_of(const RopeSpec& rope) {
  const auto& [inverse_frequencies, position_scale, magnitude, is_interleaved] = rope;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> cpu_obstacle(const DecoderSpec& spec) {
  const auto& [files, hidden_size, vocab_size, norm_epsilon, norm_offset, is_layer_norm, is_parallel, residual_scale, logit_scale,
               logit_cap, embedding_scale, ropes, layers, embedding, final_norm, head, layer_inputs, layer_input_width, later_layers,
               received_keys, received_blocks, output_mix, dequantize, keeps_state, streams, token_groups, output_streams] = spec;
  if (streams || token_groups || output_streams) return "several residual streams";
  if (received_blocks > 0 || output_mix) return "mixes of earlier states";
  if (layer_inputs || layer_input_width > 0) return "inputs of each layer";
  if (!received_keys.empty()) return "keys and values of another layer";
  for (const auto& rope : ropes) {
    if (auto obstacle = obstacle_of(rope)) return obstacle;
  }
  for (const auto& layer : layers) {
    if (auto obstacle = obstacle_of(layer)) return obstacle;
  }
  return first_of({embedding ? obstacle_of(*embedding) : std::nullopt, head ? obstacle_of(*head) : std::nullopt});
}

}  // namespace exo

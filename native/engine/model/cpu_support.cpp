#include "cpu_support.h"

#include <algorithm>

namespace exo {

namespace {

bool has_eight_bit_floats(const MatrixSource& matrix) { return matrix.quantization && matrix.quantization->mode == QuantizationMode::Mxfp8; }
bool have_eight_bit_floats(const LinearSource& linear) { return std::any_of(linear.begin(), linear.end(), has_eight_bit_floats); }

bool has_eight_bit_floats(const FeedForwardSpec& feed_forward) {
  const auto& [_, always, experts] = feed_forward;
  if (always && (have_eight_bit_floats(always->gate_up) || have_eight_bit_floats(always->down))) return true;
  return experts && (has_eight_bit_floats(experts->router.weight) || have_eight_bit_floats(experts->gate) || have_eight_bit_floats(experts->up) ||
                     have_eight_bit_floats(experts->down));
}

std::optional<std::string> layer_obstacle(const LayerSpec& layer) {
  if (layer.attention.latent) return "latent attention";
  if (have_eight_bit_floats(layer.query_key_value) || have_eight_bit_floats(layer.attention_output) || has_eight_bit_floats(layer.feed_forward)) return "mxfp8 weights";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> cpu_obstacle(const DecoderSpec& spec) {
  for (const auto& layer : spec.layers) {
    if (auto obstacle = layer_obstacle(layer)) return obstacle;
  }
  if ((spec.embedding && has_eight_bit_floats(*spec.embedding)) || (spec.head && has_eight_bit_floats(*spec.head))) return "mxfp8 weights";
  return std::nullopt;
}

}  // namespace exo

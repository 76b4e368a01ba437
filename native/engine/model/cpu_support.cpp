#include "cpu_support.h"

#include <algorithm>

namespace exo {

namespace {

bool is_plain(const MatrixSource& matrix) { return !matrix.quantization || matrix.quantization->mode == QuantizationMode::Affine; }
bool are_plain(const LinearSource& linear) { return std::all_of(linear.begin(), linear.end(), is_plain); }

std::optional<std::string> layer_obstacle(const LayerSpec& layer) {
  const auto& feed_forward = layer.feed_forward;
  if (feed_forward.experts) return "experts";
  if (feed_forward.activation != Activation::Silu) return "an activation other than silu";
  const bool is_affine = are_plain(layer.query_key_value) && are_plain(layer.attention_output) && are_plain(feed_forward.always->gate_up) && are_plain(feed_forward.always->down);
  if (!is_affine) return "microscaling floats";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> cpu_obstacle(const DecoderSpec& spec) {
  for (const auto& layer : spec.layers) {
    if (auto obstacle = layer_obstacle(layer)) return obstacle;
  }
  if ((spec.embedding && !is_plain(*spec.embedding)) || (spec.head && !is_plain(*spec.head))) return "microscaling floats";
  return std::nullopt;
}

}  // namespace exo

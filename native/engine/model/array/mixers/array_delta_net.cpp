#include "array_delta_net.h"

#include <cmath>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Added to the sum of squares of a query or key before the square root.
constexpr float kUnitEpsilon = 1e-6f;

}  // namespace

ArrayDeltaNet::ArrayDeltaNet(const DeltaNetSpec& spec, ArrayLoader& loader)
    : spec_(spec),
      gate_width_(spec.gate_up ? static_cast<int>(spec.gate_up->inputs()) : spec.value_width()),
      convolution_(joined_convolution(spec.convolution, loader, spec.kernel)),
      decay_rates_(mx::reshape(mx::negative(mx::exp(loader.vector(spec.decay_log, mx::float32))), {spec.key_heads, -1, 1, 1})),
      // Decays are sensitive to it: where it is stored in float32, they are computed so.
      step_bias_(loader.vector(spec.step_bias, spec.step_bias.type == StoredType::Float32 ? mx::float32 : loader.type())),
      norm_(loader.vector(spec.norm)),
      decay_up_(spec.decay_up ? std::optional(loader.matrix(*spec.decay_up)) : std::nullopt),
      gate_up_(spec.gate_up ? std::optional(loader.matrix(*spec.gate_up)) : std::nullopt) {
  mx::eval(decay_rates_);
}

ArrayDeltaNet::Advanced ArrayDeltaNet::advance(const mx::array& projected, const LayerState& before) const {
  const int rows = projected.shape(0), tokens = projected.shape(1), channels = spec_.channels();
  const int gates_end = channels + gate_width_, strengths_end = gates_end + spec_.value_heads;
  const auto parts = mx::split(projected, mx::Shape{channels, gates_end, strengths_end}, -1);
  const auto seen = seen_inputs(before.tail, parts[0], spec_.kernel);
  const auto convolved = silu(mx::conv1d(seen.all, convolution_, 1, 0, 1, channels));
  const auto inputs = inputs_of(convolved, parts[2], decay_up_ ? decay_up_->multiply(parts[3]) : parts[3]);
  const auto [read, state] = delta_scan(inputs, before.state);
  const mx::Shape by_head{rows, tokens, spec_.value_heads, spec_.value_dim};
  const auto results = mx::fast::rms_norm(mx::astype(mx::reshape(read, by_head), projected.dtype()), norm_, spec_.epsilon);
  const auto gates = mx::reshape(gate_up_ ? gate_up_->multiply(parts[1]) : parts[1], by_head);
  const auto gated = gated_by(results, gates);
  return {mx::reshape(gated, {rows, tokens, spec_.value_width()}), {seen.tail, state}};
}

DeltaInputs ArrayDeltaNet::inputs_of(const mx::array& convolved, const mx::array& strengths, const mx::array& decays) const {
  const int rows = convolved.shape(0), tokens = convolved.shape(1);
  const int heads = spec_.key_heads, served = spec_.value_heads / heads, width = spec_.key_width();
  const auto parts = mx::split(convolved, mx::Shape{width, 2 * width}, -1);
  const float root = 1 / std::sqrt(static_cast<float>(spec_.key_dim));
  // Queries and keys are normalized to length 1; queries are also scaled by the square root of their size.
  const auto unit = [&](const mx::array& x, float scale) {
    const auto normed =
        mx::fast::rms_norm(mx::reshape(x, {rows, tokens, heads, 1, spec_.key_dim}), std::nullopt, kUnitEpsilon * root * root);
    return mx::astype(mx::multiply(normed, mx::array(scale, normed.dtype())), mx::float32);
  };
  const auto by_head = [&](const mx::array& x) { return mx::reshape(x, {rows, tokens, heads, served}); };
  const auto steps = mx::add(decays, step_bias_);
  const mx::Shape by_dim{rows, tokens, heads, served, 1, -1};
  const auto fading = [&] {
    if (spec_.decay_bound == 0) return mx::multiply(decay_rates_, mx::reshape(mx::logaddexp(steps, mx::array(0, steps.dtype())), by_dim));
    const auto rates = mx::multiply(mx::negative(decay_rates_), mx::reshape(mx::astype(steps, mx::float32), by_dim));
    return mx::multiply(mx::array(spec_.decay_bound), mx::sigmoid(rates));
  };
  return {unit(parts[0], root * root), unit(parts[1], root),
          mx::astype(mx::reshape(parts[2], {rows, tokens, heads, served, spec_.value_dim}), mx::float32), by_head(mx::sigmoid(strengths)),
          fading()};
}

mx::array ArrayDeltaNet::gated_by(const mx::array& results, const mx::array& gates) const {
  if (spec_.is_gate_sigmoid) return mx::multiply(results, mx::sigmoid(gates));
  const auto factors = silu(mx::astype(gates, mx::float32));
  return mx::astype(mx::multiply(factors, mx::astype(results, mx::float32)), results.dtype());
}

LayerState ArrayDeltaNet::fresh(mx::Dtype type) const {
  return {mx::zeros({1, spec_.kernel - 1, spec_.channels()}, type),
          mx::zeros({1, spec_.key_heads, spec_.value_heads / spec_.key_heads, spec_.value_dim, spec_.key_dim}, mx::float32)};
}

}  // namespace exo

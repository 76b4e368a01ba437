#include "array_delta_net.h"

#include <cmath>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Added to the sum of squares of a query or key before the square root.
constexpr float kUnitEpsilon = 1e-6f;

/// x[:, begin:end].
mx::array tokens_between(const mx::array& x, int begin, int end) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[1] = begin, stop[1] = end;
  return mx::slice(x, start, stop);
}

mx::array token(const mx::array& x, int index) { return mx::squeeze(tokens_between(x, index, index + 1), 1); }

}  // namespace

ArrayDeltaNet::ArrayDeltaNet(const DeltaNetSpec& spec, ArrayLoader& loader)
    : spec_(spec),
      convolution_(joined_convolution(spec.convolution, loader, spec.kernel)),
      decay_rates_(mx::reshape(mx::negative(mx::exp(loader.vector(spec.decay_log, mx::float32))), {spec.key_heads, -1})),
      step_bias_(loader.vector(spec.step_bias)),
      norm_(loader.vector(spec.norm)) {
  mx::eval(decay_rates_);
}

ArrayDeltaNet::Advanced ArrayDeltaNet::advance(const mx::array& projected, const LayerState& before) const {
  const int rows = projected.shape(0), tokens = projected.shape(1), channels = spec_.channels();
  const int gates_end = channels + spec_.value_width(), strengths_end = gates_end + spec_.value_heads;
  const auto parts = mx::split(projected, mx::Shape{channels, gates_end, strengths_end}, -1);
  const auto seen = seen_inputs(before.tail, parts[0], spec_.kernel);
  const auto convolved = silu(mx::conv1d(seen.all, convolution_, 1, 0, 1, channels));
  const auto inputs = inputs_of(convolved, parts[2], parts[3]);
  auto state = before.state;
  std::vector<mx::array> read;
  for (int index = 0; index < tokens; ++index) {
    // [rows, key heads, served, value dim, key dim]
    const auto key = mx::expand_dims(token(inputs.keys, index), -1), query = mx::expand_dims(token(inputs.queries, index), -1);
    state = mx::multiply(state, mx::expand_dims(token(inputs.decays, index), {3, 4}));
    const auto known = mx::matmul(state, key);
    const auto change = mx::multiply(mx::subtract(mx::expand_dims(token(inputs.values, index), -1), known),
                                     mx::expand_dims(token(inputs.strengths, index), {3, 4}));
    state = mx::add(state, mx::multiply(change, mx::swapaxes(key, -1, -2)));
    read.push_back(mx::matmul(state, query));
  }
  const auto by_token = read.size() == 1 ? mx::expand_dims(read[0], 1) : mx::stack(read, 1);
  const mx::Shape by_head{rows, tokens, spec_.value_heads, spec_.value_dim};
  const auto results = mx::fast::rms_norm(mx::astype(mx::reshape(by_token, by_head), projected.dtype()), norm_, spec_.epsilon);
  const auto gates = silu(mx::astype(mx::reshape(parts[1], by_head), mx::float32));
  const auto gated = mx::astype(mx::multiply(gates, mx::astype(results, mx::float32)), projected.dtype());
  return {mx::reshape(gated, {rows, tokens, spec_.value_width()}), {seen.tail, state}};
}

ArrayDeltaNet::Inputs ArrayDeltaNet::inputs_of(const mx::array& convolved, const mx::array& strengths, const mx::array& decays) const {
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
  const auto durations = by_head(mx::logaddexp(steps, mx::array(0, steps.dtype())));
  return {unit(parts[0], root * root), unit(parts[1], root),
          mx::astype(mx::reshape(parts[2], {rows, tokens, heads, served, spec_.value_dim}), mx::float32), by_head(mx::sigmoid(strengths)),
          mx::exp(mx::multiply(decay_rates_, durations))};
}

LayerState ArrayDeltaNet::fresh(mx::Dtype type) const {
  return {mx::zeros({1, spec_.kernel - 1, spec_.channels()}, type),
          mx::zeros({1, spec_.key_heads, spec_.value_heads / spec_.key_heads, spec_.value_dim, spec_.key_dim}, mx::float32)};
}

}  // namespace exo

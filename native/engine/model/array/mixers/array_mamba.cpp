#include "array_mamba.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Tokens that are computed together: each of them meets all the others.
constexpr int kChunkTokens = 64;

mx::array tokens_between(const mx::array& x, int begin, int end) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[1] = begin, stop[1] = end;
  return mx::slice(x, start, stop);
}

/// [rows, tokens, ...] -> [rows, ..., tokens] for the first dimensions after the tokens.
mx::array token_last(const mx::array& x) { return mx::moveaxis(x, 1, -1); }

}  // namespace

ArrayMamba::ArrayMamba(const MambaSpec& spec, ArrayLoader& loader)
    : spec_(spec),
      convolution_(joined_convolution(spec.convolution, loader, spec.kernel)),
      decay_rates_(mx::reshape(mx::negative(mx::exp(loader.vector(spec.decay_log, mx::float32))), {spec.groups, -1})),
      skip_(mx::reshape(loader.vector(spec.skip), {spec.groups, -1, 1})),
      step_bias_(loader.vector(spec.step_bias)),
      norm_(spec.norm ? std::optional(loader.vector(*spec.norm)) : std::nullopt) {
  std::vector<mx::array> biases;
  for (const auto& bias : spec.convolution_bias) biases.push_back(loader.vector(bias));
  if (!biases.empty()) convolution_bias_ = mx::concatenate(std::move(biases), 0);
  mx::eval(decay_rates_);
  if (convolution_bias_) mx::eval(*convolution_bias_);
}

ArrayMamba::Advanced ArrayMamba::advance(const mx::array& projected, const LayerState& before) const {
  const int rows = projected.shape(0), tokens = projected.shape(1), groups = spec_.groups, served = spec_.heads / groups;
  const int width = spec_.width(), channels = spec_.channels();
  const auto parts = mx::split(projected, mx::Shape{width, width + channels}, -1);
  const auto seen = seen_inputs(before.tail, parts[1], spec_.kernel);
  auto convolved = mx::conv1d(seen.all, convolution_, 1, 0, 1, channels);
  if (convolution_bias_) convolved = mx::add(convolved, *convolution_bias_);
  const auto mixed = mx::split(silu(convolved), mx::Shape{width, width + groups * spec_.state_dim}, -1);
  const auto values = mx::reshape(mixed[0], {rows, tokens, groups, served, spec_.head_dim});
  const auto durations = mx::clip(mx::logaddexp(mx::add(mx::astype(parts[2], mx::float32), step_bias_), mx::array(0.0f)),
                                  mx::array(spec_.least_step), mx::array(spec_.largest_step));
  const auto steps = mx::reshape(durations, {rows, tokens, groups, served});
  const auto by_group = [&](const mx::array& x) { return mx::reshape(x, {rows, tokens, groups, spec_.state_dim}); };
  const Inputs inputs{mx::multiply(mx::expand_dims(steps, -1), values), mx::multiply(steps, decay_rates_), by_group(mixed[1]),
                      by_group(mixed[2])};
  auto state = before.state;
  std::vector<mx::array> read;
  for (int begin = 0; begin < tokens; begin += kChunkTokens) {
    const int end = std::min(begin + kChunkTokens, tokens);
    const auto part = [&](const mx::array& x) { return end - begin == tokens ? x : tokens_between(x, begin, end); };
    const Inputs chunk{part(inputs.added), part(inputs.fading), part(inputs.writes), part(inputs.reads)};
    auto scanned = end - begin == 1 ? scan_one(chunk, state) : scan_many(chunk, state);
    state = scanned.state;
    read.push_back(std::move(scanned.read));
  }
  const auto all = mx::astype(read.size() == 1 ? read[0] : mx::concatenate(std::move(read), 1), projected.dtype());
  const auto results = mx::reshape(mx::add(all, mx::multiply(values, skip_)), {rows, tokens, width});
  return {normalized(results, parts[0]), {seen.tail, state}};
}

ArrayMamba::Scanned ArrayMamba::scan_one(const Inputs& inputs, const mx::array& before) const {
  // [rows, groups, served, head dim, state]
  const auto one = [](const mx::array& x) { return mx::squeeze(x, 1); };
  const auto writes = mx::expand_dims(one(inputs.writes), {2, 3}), reads = mx::expand_dims(one(inputs.reads), {2, 4});
  const auto faded = mx::multiply(before, mx::expand_dims(mx::exp(one(inputs.fading)), {3, 4}));
  const auto state = mx::add(faded, mx::multiply(mx::expand_dims(one(inputs.added), -1), writes));
  return {mx::expand_dims(mx::squeeze(mx::matmul(state, mx::astype(reads, mx::float32)), -1), 1), state};
}

ArrayMamba::Scanned ArrayMamba::scan_many(const Inputs& inputs, const mx::array& before) const {
  const int tokens = inputs.added.shape(1);
  // Sums of fading over the tokens after j, up to i: [rows, groups, served, i, j].
  const auto fading = token_last(inputs.fading);
  const auto after = mx::cumsum(mx::tril(mx::repeat(mx::expand_dims(fading, -1), tokens, -1), -1), -2);
  const auto reads = mx::astype(mx::swapaxes(inputs.reads, 1, 2), mx::float32);
  const auto writes = mx::astype(mx::swapaxes(inputs.writes, 1, 2), mx::float32);
  const auto products = mx::expand_dims(mx::matmul(reads, mx::swapaxes(writes, -1, -2)), 2);
  const auto kept = mx::exp(after);
  // [rows, groups, served, tokens, head dim]
  const auto added = mx::moveaxis(inputs.added, 1, 3);
  const auto own = mx::matmul(mx::tril(mx::multiply(products, kept)), added);
  const auto since = mx::exp(mx::cumsum(fading, -1));
  const auto earlier = mx::matmul(mx::expand_dims(reads, 2), mx::swapaxes(before, -1, -2));
  const auto read = mx::add(own, mx::multiply(mx::expand_dims(since, -1), earlier));
  const auto last = [&](const mx::array& x, int axis) {
    mx::Shape start(x.ndim(), 0), stop = x.shape();
    start[static_cast<size_t>(axis)] = tokens - 1;
    return mx::slice(x, start, stop);
  };
  const auto lasting = mx::multiply(added, mx::swapaxes(last(kept, 3), -1, -2));
  const auto gained = mx::matmul(mx::swapaxes(lasting, -1, -2), mx::expand_dims(writes, 2));
  const auto state = mx::add(mx::multiply(before, mx::expand_dims(last(since, 3), -1)), gained);
  return {mx::moveaxis(read, 3, 1), state};
}

mx::array ArrayMamba::normalized(const mx::array& results, const mx::array& gates) const {
  const auto gated = mx::multiply(silu(gates), results);
  if (!norm_) return gated;
  if (spec_.norm_groups == 1) return mx::fast::rms_norm(gated, *norm_, spec_.epsilon);
  const auto grouped = mx::fast::rms_norm(mx::unflatten(gated, -1, {spec_.norm_groups, -1}), std::nullopt, spec_.epsilon);
  return mx::multiply(*norm_, mx::flatten(grouped, -2, -1));
}

LayerState ArrayMamba::fresh(mx::Dtype type) const {
  return {mx::zeros({1, spec_.kernel - 1, spec_.channels()}, type),
          mx::zeros({1, spec_.groups, spec_.heads / spec_.groups, spec_.head_dim, spec_.state_dim}, mx::float32)};
}

}  // namespace exo

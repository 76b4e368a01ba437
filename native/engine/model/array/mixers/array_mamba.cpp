#include "array_mamba.h"

#include "array_scan.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// Computed in the type in which their logarithms are stored.
mx::array rates_of(const TensorSource& logs, ArrayLoader& loader) {
  const auto stored = loader.vector(logs, logs.type == StoredType::Float32 ? mx::float32 : loader.type());
  return mx::astype(mx::negative(mx::exp(stored)), mx::float32);
}

}  // namespace

ArrayMamba::ArrayMamba(const MambaSpec& spec, ArrayLoader& loader)
    : spec_(spec),
      convolution_(joined_convolution(spec.convolution, loader, spec.kernel)),
      decay_rates_(mx::reshape(rates_of(spec.decay_log, loader), {spec.groups, -1})),
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
  const ScanInputs inputs{mx::multiply(mx::expand_dims(steps, -1), values), mx::multiply(steps, decay_rates_), by_group(mixed[1]),
                          by_group(mixed[2])};
  const auto [read, state] = scan(inputs, before.state);
  const auto all = mx::astype(read, projected.dtype());
  const auto results = mx::reshape(mx::add(all, mx::multiply(values, skip_)), {rows, tokens, width});
  return {normalized(results, parts[0]), {seen.tail, state}};
}

mx::array ArrayMamba::normalized(const mx::array& results, const mx::array& gates) const {
  const auto gated = mx::multiply(silu(gates), results);
  if (!norm_ || spec_.is_normed_over_ranks()) return gated;
  return grouped_norm(gated, *norm_, spec_.norm_groups, spec_.epsilon);
}

mx::array ArrayMamba::normalize_results(const mx::array& attended, const AllSum& all_sum) const {
  if (!spec_.is_normed_over_ranks()) return attended;
  const auto wide = mx::astype(attended, mx::float32);
  const auto mean = mx::multiply(all_sum(mx::sum(mx::square(wide), -1, true)), mx::array(1 / static_cast<float>(spec_.normed_width)));
  const auto normed = mx::multiply(wide, mx::rsqrt(mx::add(mean, mx::array(spec_.epsilon))));
  return mx::multiply(*norm_, mx::astype(normed, attended.dtype()));
}

LayerState ArrayMamba::fresh(mx::Dtype type) const {
  return {mx::zeros({1, spec_.kernel - 1, spec_.channels()}, type),
          mx::zeros({1, spec_.groups, spec_.heads / spec_.groups, spec_.head_dim, spec_.state_dim}, mx::float32)};
}

}  // namespace exo

#include "array_lightning.h"

#include "array_scan.h"

namespace mx = mlx::core;

namespace exo {

namespace {

std::optional<mx::array> loaded(const std::optional<TensorSource>& source, ArrayLoader& loader) {
  return source ? std::optional(loader.vector(*source)) : std::nullopt;
}

}  // namespace

ArrayLightning::ArrayLightning(const LightningSpec& spec, const ArrayRope& rope, ArrayLoader& loader)
    : spec_(spec),
      rope_(rope),
      query_norm_(loaded(spec.query_norm, loader)),
      key_norm_(loaded(spec.key_norm, loader)),
      norm_(loader.vector(spec.norm)),
      fading_(mx::array(spec.fading.data(), {spec.heads, 1}, mx::float32)) {}

template <typename Turn>
mx::array ArrayLightning::with_turned(const mx::array& projected, Turn turn) const {
  const int tokens = projected.shape(0), width = spec_.width();
  auto parts = mx::split(projected, mx::Shape{width, 2 * width}, -1);
  for (const size_t part : {0, 1}) {
    const auto& norm = part == 0 ? query_norm_ : key_norm_;
    const auto heads = mx::reshape(parts[part], {tokens, spec_.heads, 1, spec_.head_dim});
    parts[part] = mx::reshape(turn(norm ? mx::fast::rms_norm(heads, *norm, spec_.epsilon) : heads), {tokens, width});
  }
  return mx::concatenate(std::move(parts), -1);
}

mx::array ArrayLightning::placed(const mx::array& projected, const DecodeRows& rows) const {
  return with_turned(projected, [&](const mx::array& x) { return rope_.turn_each(x, rows); });
}

mx::array ArrayLightning::placed(const mx::array& projected, int position) const {
  // [tokens, heads, 1, dim] -> [1, heads, tokens, dim]
  const auto in_one = [](const mx::array& x) { return mx::swapaxes(x, 0, 2); };
  return with_turned(projected, [&](const mx::array& x) { return in_one(rope_.turn(in_one(x), position)); });
}

ArrayLightning::Advanced ArrayLightning::advance(const mx::array& projected, const LayerState& before) const {
  const int rows = projected.shape(0), tokens = projected.shape(1), heads = spec_.heads, width = spec_.width();
  const auto parts = mx::split(projected, mx::Shape{width, 2 * width, 3 * width}, -1);
  const auto by_head = [&](const mx::array& x) { return mx::astype(mx::reshape(x, {rows, tokens, heads, spec_.head_dim}), mx::float32); };
  const auto queries = mx::multiply(by_head(parts[0]), mx::array(spec_.query_scale));
  const auto values = mx::expand_dims(by_head(parts[2]), 3);
  const auto fading = mx::broadcast_to(fading_, {rows, tokens, heads, 1});
  const auto [read, state] = scan({values, fading, by_head(parts[1]), queries}, before.state);
  const auto results = mx::reshape(mx::astype(read, projected.dtype()), {rows, tokens, width});
  return {mx::multiply(grouped_norm(results, norm_, spec_.norm_groups, spec_.epsilon), mx::sigmoid(parts[3])), {before.tail, state}};
}

LayerState ArrayLightning::fresh(mx::Dtype type) const {
  // There is no convolution.
  return {mx::zeros({1, 1}, type), mx::zeros({1, spec_.heads, 1, spec_.head_dim, spec_.head_dim}, mx::float32)};
}

}  // namespace exo

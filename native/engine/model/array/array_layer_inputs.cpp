#include "array_layer_inputs.h"

namespace mx = mlx::core;

namespace exo {

namespace {

mx::array scaled(const mx::array& x, float scale) { return mx::multiply(x, mx::array(scale, x.dtype())); }

}  // namespace

ArrayLayerInputs::ArrayLayerInputs(const LayerInputsSpec& spec, int width, ArrayLoader& loader, const NormLoader& norms)
    : embedding_(loader.matrix(spec.embedding)),
      projection_(loader.matrix(spec.projection)),
      norm_(norms.norm({spec.norm, std::nullopt})),
      embedding_scale_(spec.embedding_scale),
      projection_scale_(spec.projection_scale),
      scale_(spec.scale),
      width_(width) {}

mx::array ArrayLayerInputs::of(const mx::array& ids, const mx::array& embedded) const {
  const auto own = scaled(embedding_.rows(ids, embedded.dtype()), embedding_scale_);
  const auto projected = scaled(projection_.multiply(embedded), projection_scale_);
  const auto normed = mx::flatten(norm_.apply(mx::unflatten(projected, -1, {-1, width_})), -2, -1);
  return scaled(mx::add(normed, own), scale_);
}

}  // namespace exo

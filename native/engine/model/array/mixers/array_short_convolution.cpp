#include "array_short_convolution.h"

namespace mx = mlx::core;

namespace exo {

ArrayShortConvolution::ArrayShortConvolution(const ShortConvolutionSpec& spec, ArrayLoader& loader)
    : channels_(spec.channels),
      kernel_(spec.kernel),
      convolution_(joined_convolution({spec.convolution}, loader, spec.kernel)),
      bias_(spec.bias ? std::optional(loader.vector(*spec.bias)) : std::nullopt) {}

ArrayShortConvolution::Advanced ArrayShortConvolution::advance(const mx::array& projected, const LayerState& before) const {
  const auto parts = mx::split(projected, 3, -1);
  const auto seen = seen_inputs(before.tail, mx::multiply(parts[0], parts[2]), kernel_);
  auto convolved = mx::conv1d(seen.all, convolution_, 1, 0, 1, channels_);
  if (bias_) convolved = mx::add(convolved, *bias_);
  return {mx::multiply(parts[1], convolved), {seen.tail, before.state}};
}

LayerState ArrayShortConvolution::fresh(mx::Dtype type) const {
  // The convolution's inputs are its whole state.
  return {mx::zeros({1, kernel_ - 1, channels_}, type), mx::zeros({1, 1}, mx::float32)};
}

}  // namespace exo

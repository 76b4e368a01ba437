#pragma once

#include "array_state_layer.h"

namespace exo {

/// A gated short convolution in MLX operations. A sequence keeps the convolution's last inputs.
class ArrayShortConvolution : public ArrayStateLayer {
 public:
  ArrayShortConvolution(const ShortConvolutionSpec& spec, ArrayLoader& loader);

 protected:
  Advanced advance(const mlx::core::array& projected, const LayerState& before) const override;
  LayerState fresh(mlx::core::Dtype type) const override;

 private:
  int channels_, kernel_;
  /// [channels, kernel, 1]
  mlx::core::array convolution_;
  std::optional<mlx::core::array> bias_;
};

}  // namespace exo

#pragma once

#include "array_state_layer.h"

namespace exo {

/// A Mamba 2 layer in MLX operations. A sequence keeps the last inputs of the convolution and one matrix per head.
class ArrayMamba : public ArrayStateLayer {
 public:
  ArrayMamba(const MambaSpec& spec, ArrayLoader& loader);

  mlx::core::array normalize_results(const mlx::core::array& attended, const AllSum& all_sum) const override;

 protected:
  Advanced advance(const mlx::core::array& projected, const LayerState& before) const override;
  LayerState fresh(mlx::core::Dtype type) const override;

 private:
  mlx::core::array normalized(const mlx::core::array& results, const mlx::core::array& gates) const;

  MambaSpec spec_;
  /// [channels, kernel, 1]
  mlx::core::array convolution_;
  /// [channels]
  std::optional<mlx::core::array> convolution_bias_;
  /// -exp(A_log) in float32 [groups, served].
  mlx::core::array decay_rates_;
  /// [groups, served, 1]
  mlx::core::array skip_;
  mlx::core::array step_bias_;
  std::optional<mlx::core::array> norm_;
};

}  // namespace exo

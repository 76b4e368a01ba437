#pragma once

#include "array_delta_scan.h"
#include "array_state_layer.h"

namespace exo {

/// A gated delta net in MLX operations. For each sequence, the cache holds the last inputs of the convolution and the heads'
/// matrices after its last token.
class ArrayDeltaNet : public ArrayStateLayer {
 public:
  ArrayDeltaNet(const DeltaNetSpec& spec, ArrayLoader& loader);

 protected:
  Advanced advance(const mlx::core::array& projected, const LayerState& before) const override;
  LayerState fresh(mlx::core::Dtype type) const override;

 private:
  /// @param decays before softplus, per value head or per dimension of its key
  DeltaInputs inputs_of(const mlx::core::array& convolved, const mlx::core::array& strengths, const mlx::core::array& decays) const;

  mlx::core::array gated_by(const mlx::core::array& results, const mlx::core::array& gates) const;

  DeltaNetSpec spec_;
  /// The outputs of the first product that are gates, or what they are computed from.
  int gate_width_;
  /// [channels, kernel, 1]
  mlx::core::array convolution_;
  /// -exp(A_log) in float32, [key heads, served, 1, 1].
  mlx::core::array decay_rates_;
  mlx::core::array step_bias_, norm_;
  std::optional<ArrayMatrix> decay_up_, gate_up_;
};

}  // namespace exo

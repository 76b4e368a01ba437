#pragma once

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
  /// Per token [rows, tokens, ...]: normalized queries and keys [key heads, 1, key dim] and values [key heads, served, value dim] in
  /// float32; the strength and the decay of each value head [key heads, served].
  struct Inputs {
    mlx::core::array queries, keys, values, strengths, decays;
  };

  Inputs inputs_of(const mlx::core::array& convolved, const mlx::core::array& strengths, const mlx::core::array& decays) const;

  DeltaNetSpec spec_;
  /// [channels, kernel, 1]
  mlx::core::array convolution_;
  /// -exp(A_log) in float32, [key heads, served].
  mlx::core::array decay_rates_;
  mlx::core::array step_bias_, norm_;
};

}  // namespace exo

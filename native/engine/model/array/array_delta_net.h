#pragma once

#include "array_attention.h"

namespace exo {

/// A gated delta net in MLX operations. For each sequence, the cache holds the last inputs of the convolution and the heads'
/// matrices after its last token.
class ArrayDeltaNet : public ArrayAttention {
 public:
  ArrayDeltaNet(const DeltaNetSpec& spec, ArrayLoader& loader);

 protected:
  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const override;
  mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const override;

 private:
  struct Advanced {
    /// [rows, tokens, value heads * value dim]
    mlx::core::array results;
    LayerState after;
  };
  /// Per token [rows, tokens, ...]: normalized queries and keys [key heads, 1, key dim] and values [key heads, served, value dim] in
  /// float32; the strength and the decay of each value head [key heads, served].
  struct Inputs {
    mlx::core::array queries, keys, values, strengths, decays;
  };

  /// @param projected [rows, tokens, outputs of the first product]
  Advanced advance(const mlx::core::array& projected, const LayerState& before) const;
  Inputs inputs_of(const mlx::core::array& convolved, const mlx::core::array& strengths, const mlx::core::array& decays) const;
  /// The state of a sequence without tokens.
  LayerState fresh(mlx::core::Dtype type) const;

  DeltaNetSpec spec_;
  /// [channels, kernel, 1]
  mlx::core::array convolution_;
  /// -exp(A_log) in float32, [key heads, served].
  mlx::core::array decay_rates_;
  mlx::core::array step_bias_, norm_;
};

}  // namespace exo

#pragma once

#include "array_attention.h"

namespace exo {

/// A layer that keeps a state of a sequence's last token in place of keys and values, in MLX operations.
class ArrayStateLayer : public ArrayAttention {
 protected:
  struct Advanced {
    /// [rows, tokens, width of the results]
    mlx::core::array results;
    LayerState after;
  };

  /// What depends on the tokens' positions. @param projected [tokens, outputs of the first product]
  virtual mlx::core::array placed(const mlx::core::array& projected, const DecodeRows&) const { return projected; }
  virtual mlx::core::array placed(const mlx::core::array& projected, int /*position*/) const { return projected; }
  /// @param projected [rows, tokens, outputs of the first product]
  virtual Advanced advance(const mlx::core::array& projected, const LayerState& before) const = 0;
  /// The state of one sequence without tokens.
  virtual LayerState fresh(mlx::core::Dtype type) const = 0;

  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const final;
  mlx::core::array attend(const mlx::core::array& projected, AttendedTokens& step, size_t run, size_t layer) const final;
};

/// The weights of convolutions of each channel by itself: [channels, kernel, 1].
mlx::core::array joined_convolution(const std::vector<TensorSource>& sources, ArrayLoader& loader, int kernel);
/// The inputs of a convolution: those before the step, then the step's own [rows, tokens, channels].
struct SeenInputs {
  mlx::core::array all;
  /// Those that the next step needs.
  mlx::core::array tail;
};
SeenInputs seen_inputs(const mlx::core::array& tail, const mlx::core::array& inputs, int kernel);

mlx::core::array silu(const mlx::core::array& x);

}  // namespace exo

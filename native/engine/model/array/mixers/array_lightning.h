#pragma once

#include <optional>

#include "../parts/array_rope.h"
#include "array_state_layer.h"

namespace exo {

/// Lightning attention in MLX operations. A sequence keeps one matrix per head.
class ArrayLightning : public ArrayStateLayer {
 public:
  ArrayLightning(const LightningSpec& spec, const ArrayRope& rope, ArrayLoader& loader);

 protected:
  mlx::core::array placed(const mlx::core::array& projected, const DecodeRows& rows) const override;
  mlx::core::array placed(const mlx::core::array& projected, int position) const override;
  Advanced advance(const mlx::core::array& projected, const LayerState& before) const override;
  LayerState fresh(mlx::core::Dtype type) const override;

 private:
  /// Normalizes the heads of queries and keys and applies `turn` to both [tokens, heads, 1, head dim].
  template <typename Turn>
  mlx::core::array with_turned(const mlx::core::array& projected, Turn turn) const;

  LightningSpec spec_;
  ArrayRope rope_;
  std::optional<mlx::core::array> query_norm_, key_norm_;
  mlx::core::array norm_;
  /// [heads, 1]
  mlx::core::array fading_;
};

}  // namespace exo

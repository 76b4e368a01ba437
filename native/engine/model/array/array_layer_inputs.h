#pragma once

#include "parts/array_norm.h"
#include "parts/array_weights.h"
#include "../decoder_spec.h"

namespace exo {

/// The inputs that each layer has of its own.
class ArrayLayerInputs {
 public:
  /// @param width of one layer's input
  ArrayLayerInputs(const LayerInputsSpec& spec, int width, ArrayLoader& loader, const NormLoader& norms);

  /// [tokens, layers * width] of the tokens' ids and their embeddings [tokens, hidden].
  mlx::core::array of(const mlx::core::array& ids, const mlx::core::array& embedded) const;

 private:
  ArrayMatrix embedding_, projection_;
  ArrayNorm norm_;
  float embedding_scale_, projection_scale_, scale_;
  int width_;
};

}  // namespace exo

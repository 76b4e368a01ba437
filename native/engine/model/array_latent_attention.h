#pragma once

#include "array_attention.h"

namespace exo {

/// Latent attention; the cache holds the latents as keys and the rotated keys as values. A few tokens meet the latents
/// themselves (query and output absorb the heads' matrices); many expand them to keys and values of all heads first, which
/// takes fewer operations per pair of tokens.
class ArrayLatentAttention : public ArrayAttention {
 public:
  ArrayLatentAttention(const AttentionSpec& spec, const ArrayRope& rope, ArrayLoader& loader,
                       const std::function<mlx::core::array(const TensorSource&)>& norm);

 protected:
  mlx::core::array attend(const mlx::core::array& projected, const PlanSegment& segment, LayerArrays& cache) const override;

 private:
  /// Queries of all heads [tokens, heads * (plain + rotated)].
  mlx::core::array queries_of(const mlx::core::array& projected) const;

  int heads_;
  float scale_;
  LatentSpec spec_;
  const ArrayRope& rope_;
  std::optional<mlx::core::array> query_norm_;
  std::optional<ArrayMatrix> query_up_;
  mlx::core::array latent_norm_;
  ArrayStack to_latent_, from_latent_;
};

}  // namespace exo

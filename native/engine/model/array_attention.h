#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "../cache/array_caches.h"
#include "../schedule/step_plan.h"
#include "array_rope.h"
#include "array_weights.h"

namespace exo {

/// A layer's attention in MLX's own operations, between its two products.
class ArrayAttention {
 public:
  virtual ~ArrayAttention() = default;

  /// @param projected [tokens, outputs of the first product] of a step
  /// @param cache_of a slot's cache of this layer
  /// @returns [tokens, heads * value dim]
  mlx::core::array run(const mlx::core::array& projected, const StepPlan& plan,
                       const std::function<LayerArrays&(int32_t slot)>& cache_of) const;

 protected:
  /// Attention of one sequence's tokens, [tokens, outputs of the first product] to [tokens, heads * value dim].
  virtual mlx::core::array attend(const mlx::core::array& projected, const PlanSegment& segment, LayerArrays& cache) const = 0;
};

/// @param ropes of the decoder; they outlive the attention
/// @param norm loads a norm's weight
std::unique_ptr<ArrayAttention> make_array_attention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, float epsilon,
                                                     ArrayLoader& loader, const std::function<mlx::core::array(const TensorSource&)>& norm);

}  // namespace exo

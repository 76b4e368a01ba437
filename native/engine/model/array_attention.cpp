#include "array_attention.h"

#include "array_grouped_attention.h"
#include "array_latent_attention.h"

namespace mx = mlx::core;

namespace exo {

mx::array ArrayAttention::run(const mx::array& projected, const StepPlan& plan,
                              const std::function<LayerArrays&(int32_t slot)>& cache_of) const {
  std::vector<mx::array> outputs;
  int first = 0;
  for (const auto& segment : plan.segments) {
    const auto part = mx::slice(projected, {first, 0}, {first + segment.tokens, projected.shape(1)});
    outputs.push_back(attend(part, segment, cache_of(segment.slot)));
    first += segment.tokens;
  }
  return outputs.size() == 1 ? outputs[0] : mx::concatenate(std::move(outputs), 0);
}

std::unique_ptr<ArrayAttention> make_array_attention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, float epsilon,
                                                     ArrayLoader& loader, const std::function<mx::array(const TensorSource&)>& norm) {
  const auto& rope = ropes[static_cast<size_t>(spec.rope)];
  if (spec.latent) return std::make_unique<ArrayLatentAttention>(spec, rope, loader, norm);
  return std::make_unique<ArrayGroupedAttention>(spec, rope, epsilon, loader, norm);
}

}  // namespace exo

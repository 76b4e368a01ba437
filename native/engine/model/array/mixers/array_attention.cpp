#include "array_attention.h"

#include "array_delta_net.h"
#include "array_grouped_attention.h"
#include "array_latent_attention.h"
#include "array_lightning.h"
#include "array_mamba.h"
#include "array_short_convolution.h"

namespace mx = mlx::core;

namespace exo {

mx::array ArrayAttention::run(const mx::array& projected, AttendedTokens& step, size_t layer) const {
  std::vector<mx::array> outputs;
  for (const auto& rows : step.decodes()) outputs.push_back(attend_each(rows.pick(projected), rows, layer));
  for (size_t run = 0; run < step.runs().size(); ++run) {
    const auto& [place, position, tokens, first] = step.runs()[run];
    outputs.push_back(attend(mx::slice(projected, {first, 0}, {first + tokens, projected.shape(1)}), step, run, layer));
  }
  return step.in_order(std::move(outputs));
}

std::unique_ptr<ArrayAttention> make_array_attention(const AttentionSpec& spec, const std::vector<ArrayRope>& ropes, ArrayLoader& loader,
                                                     const NormLoader& norms, int kept_bits) {
  const auto& rope = ropes[static_cast<size_t>(spec.rope)];
  if (spec.delta_net) return std::make_unique<ArrayDeltaNet>(*spec.delta_net, loader);
  if (spec.lightning) return std::make_unique<ArrayLightning>(*spec.lightning, rope, loader);
  if (spec.mamba) return std::make_unique<ArrayMamba>(*spec.mamba, loader);
  if (spec.short_convolution) return std::make_unique<ArrayShortConvolution>(*spec.short_convolution, loader);
  if (spec.latent) return std::make_unique<ArrayLatentAttention>(spec, ropes, loader, norms);
  return std::make_unique<ArrayGroupedAttention>(spec, ropes, loader, norms, kept_bits);
}

}  // namespace exo

#pragma once

#include <cstdint>

#include "decoder_spec.h"

namespace exo {

/// A token's experts, the best first, and their weights in the sum.
struct ExpertChoice {
  int32_t expert;
  float weight;
};

/// log(1 + exp(x)).
float softplus(float x);

/// @param logits [experts], of one token; used as scratch
/// @param correction [experts], or null
/// @param to [rule.chosen]
void choose_experts(const RouterSpec& rule, float* logits, int64_t experts, const float* correction, ExpertChoice* to);

}  // namespace exo

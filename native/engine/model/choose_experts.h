#pragma once

#include <cstdint>

#include "decoder_spec.h"

namespace exo {

/// One of a token's experts and its weight in the sum.
struct ExpertChoice {
  int32_t expert;
  float weight;
};

/// log(1 + exp(x)).
float softplus(float x);

/// Chooses the experts of one token, best first.
/// @param logits [experts]; overwritten
/// @param correction [experts], or null
/// @param to [rule.chosen]
void choose_experts(const RouterSpec& rule, float* logits, int64_t experts, const float* correction, ExpertChoice* to);

}  // namespace exo

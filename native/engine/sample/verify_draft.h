#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sampler.h"

namespace exo {

/// Draws a sequence's tokens row by row while each equals the draft's proposal. A row's logits are valid if all
/// proposals before it were right, so the result is the same as without a draft.
/// @param proposed one token for each row but the last
/// @param draw_row draws the token of a row with the seed of its step: Choice(size_t row)
/// @returns the accepted proposals and one more token
template <typename DrawRow>
std::vector<Choice> verify_draft(std::span<const int32_t> proposed, DrawRow draw_row) {
  std::vector<Choice> choices;
  for (size_t row = 0;; ++row) {
    choices.push_back(draw_row(row));
    if (row == proposed.size() || choices.back().token != proposed[row]) return choices;
  }
}

}  // namespace exo

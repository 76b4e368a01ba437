#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sampler.h"

namespace exo {

/// Draws a sequence's own tokens, row after row, for as long as each is what the draft has proposed. A row's logits are
/// right if all proposals before it were, so that the tokens are those that would have been drawn without a draft.
///
/// @param proposed for the rows but the last
/// @param draw_row draws the token of a row, with the seed of its step: Choice(size_t row)
/// @returns the accepted proposals and one token more
template <typename DrawRow>
std::vector<Choice> verify_draft(std::span<const int32_t> proposed, DrawRow draw_row) {
  std::vector<Choice> choices;
  for (size_t row = 0;; ++row) {
    choices.push_back(draw_row(row));
    if (row == proposed.size() || choices.back().token != proposed[row]) return choices;
  }
}

}  // namespace exo

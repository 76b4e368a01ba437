#pragma once

#include <cstddef>

namespace exo {

/// The rows of a step for which the kernels read the weights once, as they are. With more of them, a row costs as much as one of a prompt
/// and the step first unpacks all weights.
inline constexpr size_t kCheapRows = 8;
/// Fewer certain tokens are not worth a jump in company: a sequence misses up to two steps for it, which the others go on with.
inline constexpr size_t kLeastJump = 3;

/// How many certain tokens of each grammar a step verifies beside the tokens that it draws.
/// @param sequences those that decode
/// @param jumping those of them with certain tokens
constexpr size_t forced_room(size_t sequences, size_t jumping) {
  if (jumping == 0 || sequences >= kCheapRows) return 0;
  const size_t room = (kCheapRows - sequences) / jumping;
  return sequences > 1 && room < kLeastJump ? 0 : room;
}

/// Whether a jump over so many certain tokens saves more than it costs.
constexpr bool is_worth_jump(size_t forced, size_t sequences) { return forced >= (sequences > 1 ? kLeastJump : 1); }

}  // namespace exo

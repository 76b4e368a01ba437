#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace exo {

/// The fault of a token that the vocabulary lacks, in words; nothing if there is none.
inline std::optional<std::string> unknown_token(const std::vector<int32_t>& tokens, int32_t vocab_size) {
  const auto wrong = std::find_if(tokens.begin(), tokens.end(), [=](int32_t token) { return token >= vocab_size; });
  if (wrong == tokens.end()) return std::nullopt;
  return "token " + std::to_string(*wrong) + " is not in the model's vocabulary of " + std::to_string(vocab_size);
}

}  // namespace exo

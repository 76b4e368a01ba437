#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace exo {

enum class GrammarKind { JsonSchema, Ebnf, Regex, StructuralTag };

/// The grammar of an answer, as text.
struct GrammarSpec {
  GrammarKind kind = GrammarKind::JsonSchema;
  std::string text;
  /// Only these end the answer, and only where the grammar ends.
  std::vector<int32_t> end_tokens;

  bool operator==(const GrammarSpec&) const = default;
};

/// The bytes of each token; none for a token without text.
using Vocabulary = std::vector<std::string>;

}  // namespace exo

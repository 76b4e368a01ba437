#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace exo {

/// The place of one sequence in its grammar.
class TokenGuide {
 public:
  virtual ~TokenGuide() = default;
  virtual std::unique_ptr<TokenGuide> copy() const = 0;
  /// The tokens that may come next, one bit each, the lowest first: [(vocabulary + 31) / 32]. Empty: any token may. Valid until the
  /// next call.
  virtual std::span<const uint32_t> allowed() = 0;
  /// @returns false if the grammar does not allow the token; the guide must then not be used again
  virtual bool accept(int32_t token) = 0;
  /// The tokens that come next by all odds, since the grammar leaves only one text there: at most `most`, none if it leaves a choice.
  /// A model may still cut that text into other tokens.
  virtual std::vector<int32_t> forced(size_t most) = 0;
};

/// A grammar over the tokens of one vocabulary. Any thread may use it.
class TokenGrammar {
 public:
  virtual ~TokenGrammar() = default;
  /// A guide at the grammar's start.
  virtual std::unique_ptr<TokenGuide> begin() const = 0;
};

}  // namespace exo

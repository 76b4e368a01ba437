#pragma once

#include <xgrammar/matcher.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "token_guide.h"

namespace exo {

/// A guide that asks xgrammar's matcher. A question of a limited guide that takes too long ends the answer: no token is allowed any
/// more.
class MatcherGuide : public TokenGuide {
 public:
  /// @param is_too_slow of the grammar, for all its guides; null for a grammar whose questions have no limit
  MatcherGuide(xgrammar::GrammarMatcher matcher, int32_t vocab_size, std::shared_ptr<std::atomic<bool>> is_too_slow);

  std::unique_ptr<TokenGuide> copy() const override;
  std::span<const uint32_t> allowed() override;
  bool accept(int32_t token) override;
  std::vector<int32_t> forced(size_t most) override;

 private:
  /// What a question uses, and keeps if it outlives its guide.
  struct Place {
    xgrammar::GrammarMatcher matcher;
    std::vector<uint32_t> mask;
    bool is_yes = false;
    std::exception_ptr error;
  };

  /// @returns false if the answer takes too long
  bool ask(std::function<void(Place&)> question);

  std::shared_ptr<Place> place_;
  std::shared_ptr<std::atomic<bool>> is_too_slow_;
};

}  // namespace exo

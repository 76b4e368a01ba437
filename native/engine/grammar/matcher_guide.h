#pragma once

#include <xgrammar/matcher.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "token_guide.h"

namespace exo {

/// A guide that asks xgrammar's matcher.
class MatcherGuide : public TokenGuide {
 public:
  MatcherGuide(xgrammar::GrammarMatcher matcher, int32_t vocab_size);

  std::unique_ptr<TokenGuide> copy() const override;
  std::span<const uint32_t> allowed() override;
  bool accept(int32_t token) override;
  std::vector<int32_t> forced(size_t most) override;

 private:
  xgrammar::GrammarMatcher matcher_;
  std::vector<uint32_t> mask_;
};

}  // namespace exo

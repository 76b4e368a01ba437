#include "matcher_guide.h"

#include <utility>

namespace exo {

MatcherGuide::MatcherGuide(xgrammar::GrammarMatcher matcher, int32_t vocab_size)
    : matcher_(std::move(matcher)), mask_(static_cast<size_t>(xgrammar::GetBitmaskSize(vocab_size))) {}

std::unique_ptr<TokenGuide> MatcherGuide::copy() const {
  auto copied = std::make_unique<MatcherGuide>(*this);
  // A copy of the matcher alone would share its place.
  copied->matcher_ = matcher_.Fork();
  return copied;
}

std::span<const uint32_t> MatcherGuide::allowed() {
  // A step that runs ahead of the answer's end draws a token that nobody reads.
  if (matcher_.IsTerminated()) return {};
  int64_t shape = static_cast<int64_t>(mask_.size());
  DLTensor tensor{mask_.data(), DLDevice{kDLCPU, 0}, 1, xgrammar::GetBitmaskDLType(), &shape, nullptr, 0};
  if (!matcher_.FillNextTokenBitmask(&tensor)) return {};
  return mask_;
}

bool MatcherGuide::accept(int32_t token) { return matcher_.IsTerminated() || matcher_.AcceptToken(token); }

std::vector<int32_t> MatcherGuide::forced(size_t most) {
  // The search for tokens copies the matcher, which is long after a long answer. Most places leave a choice.
  if (matcher_.IsTerminated() || matcher_.FindJumpForwardString().empty()) return {};
  auto tokens = matcher_.FindJumpForwardTokens();
  if (tokens.size() > most) tokens.resize(most);
  return tokens;
}

}  // namespace exo

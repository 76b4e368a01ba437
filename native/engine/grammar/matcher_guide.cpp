#include "matcher_guide.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "limited_thread.h"

namespace exo {

namespace {

/// Far more than any question of a grammar that people write takes, and less than what the other answers of a step can wait.
constexpr auto kQuestionLimit = std::chrono::seconds(2);

void fill_mask(xgrammar::GrammarMatcher& matcher, std::vector<uint32_t>& mask, bool& is_restricted) {
  int64_t shape = static_cast<int64_t>(mask.size());
  DLTensor tensor{mask.data(), DLDevice{kDLCPU, 0}, 1, xgrammar::GetBitmaskDLType(), &shape, nullptr, 0};
  is_restricted = matcher.FillNextTokenBitmask(&tensor);
}

}  // namespace

MatcherGuide::MatcherGuide(xgrammar::GrammarMatcher matcher, int32_t vocab_size, std::shared_ptr<std::atomic<bool>> is_too_slow)
    : is_too_slow_(std::move(is_too_slow)) {
  std::vector<uint32_t> mask(static_cast<size_t>(xgrammar::GetBitmaskSize(vocab_size)));
  place_ = std::make_shared<Place>(Place{std::move(matcher), std::move(mask), false, nullptr});
}

std::unique_ptr<TokenGuide> MatcherGuide::copy() const {
  auto copied = std::make_unique<MatcherGuide>(*this);
  // A copy of the matcher alone would share its place. One that is still being asked is of no use to anybody.
  if (!is_too_slow_ || !*is_too_slow_)
    copied->place_ = std::make_shared<Place>(Place{place_->matcher.Fork(), place_->mask, false, nullptr});
  return copied;
}

bool MatcherGuide::ask(std::function<void(Place&)> question) {
  if (!is_too_slow_) {
    question(*place_);
    return true;
  }
  thread_local LimitedThread thread;
  if (*is_too_slow_) return false;
  const bool is_answered = thread.run(kQuestionLimit, [place = place_, question = std::move(question)] {
    try {
      question(*place);
    } catch (...) {
      place->error = std::current_exception();
    }
  });
  if (!is_answered) {
    *is_too_slow_ = true;
    return false;
  }
  if (place_->error) std::rethrow_exception(std::exchange(place_->error, nullptr));
  return true;
}

std::span<const uint32_t> MatcherGuide::allowed() {
  const bool is_answered = ask([](Place& place) {
    // A step that runs ahead of the answer's end draws a token that nobody reads.
    place.is_yes = !place.matcher.IsTerminated();
    if (place.is_yes) fill_mask(place.matcher, place.mask, place.is_yes);
  });
  if (!is_answered) {
    // The question may still write into the place that it was asked about.
    place_ = std::make_shared<Place>(Place{place_->matcher, std::vector<uint32_t>(place_->mask.size()), true, nullptr});
    return place_->mask;
  }
  return place_->is_yes ? place_->mask : std::span<const uint32_t>{};
}

bool MatcherGuide::accept(int32_t token) {
  // Without an answer the next question finds that no token is allowed.
  return !ask([token](Place& place) { place.is_yes = place.matcher.IsTerminated() || place.matcher.AcceptToken(token); }) || place_->is_yes;
}

std::vector<int32_t> MatcherGuide::forced(size_t most) {
  auto tokens = std::make_shared<std::vector<int32_t>>();
  const bool is_answered = ask([tokens](Place& place) {
    // The search for tokens copies the matcher, which is long after a long answer. Most places leave a choice.
    if (!place.matcher.IsTerminated() && !place.matcher.FindJumpForwardString().empty()) *tokens = place.matcher.FindJumpForwardTokens();
  });
  if (!is_answered) return {};
  if (tokens->size() > most) tokens->resize(most);
  return std::move(*tokens);
}

}  // namespace exo

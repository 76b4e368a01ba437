#include "draft_policy.h"

#include <algorithm>

namespace exo {

namespace {

constexpr int32_t kFirstLength = 3;
constexpr int32_t kLongest = 8;
constexpr int32_t kLongestPause = 512;
/// The draft is evaluated after this many steps with it.
constexpr int32_t kTrialRounds = 6;
/// After this many steps, plain decoding is measured again, because it slows down as the sequence grows.
constexpr int32_t kMostRounds = 64;
constexpr double kLeastAcceptedRatio = 0.25;

}  // namespace

void DraftPolicy::add_plain(double duration_ms) {
  if (is_drafting_) return;
  plain_ms_ += duration_ms;
  ++plain_tokens_;
  if (--left_ <= 0) begin();
}

void DraftPolicy::add_draft(double duration_ms, int32_t proposed, int32_t accepted) {
  proposed_ += proposed;
  accepted_ += accepted;
  if (!is_drafting_) return;
  recent_proposed_ += proposed;
  recent_accepted_ += accepted;
  draft_ms_ += duration_ms;
  draft_tokens_ += accepted + 1;
  length_ = accepted == proposed ? std::min(length_ + 1, kLongest) : std::max(accepted + 1, 1);
  ++rounds_;
  if (rounds_ % kTrialRounds == 0 && !helps()) {
    rest(pause_);
    pause_ = std::min(pause_ * 2, kLongestPause);
  } else if (rounds_ >= kMostRounds) {
    pause_ = kFirstPause;
    rest(kFirstTokens);
  }
}

void DraftPolicy::rest(int32_t tokens) {
  is_drafting_ = false;
  left_ = tokens;
  plain_ms_ = 0;
  plain_tokens_ = 0;
}

void DraftPolicy::begin() {
  is_drafting_ = true;
  length_ = kFirstLength;
  rounds_ = 0;
  draft_ms_ = 0;
  draft_tokens_ = 0;
  recent_proposed_ = 0;
  recent_accepted_ = 0;
}

bool DraftPolicy::helps() const {
  const bool are_accepted = recent_accepted_ >= kLeastAcceptedRatio * recent_proposed_;
  return are_accepted && draft_ms_ * plain_tokens_ < plain_ms_ * draft_tokens_;
}

}  // namespace exo

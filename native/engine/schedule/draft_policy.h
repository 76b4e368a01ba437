#pragma once

#include <cstdint>

namespace exo {

/// Decides for one sequence whether a draft is asked, and for how many tokens. It measures both ways: where too few
/// proposals are accepted, or decoding with the draft takes no less time, the draft rests, ever longer, and is tried again.
/// Tokens do not depend on it. Pure: no clock.
class DraftPolicy {
 public:
  /// Tokens to propose for the next step; 0: none.
  int32_t length() const { return is_drafting_ ? length_ : 0; }

  /// A token came without a draft. @param duration_ms since the one before
  void add_plain(double duration_ms);
  /// A step with proposals came: `accepted` of `proposed`, and one token more. @param duration_ms since the step before
  void add_draft(double duration_ms, int32_t proposed, int32_t accepted);

  int64_t proposed() const { return proposed_; }
  int64_t accepted() const { return accepted_; }

 private:
  void rest(int32_t tokens);
  void begin();
  bool helps() const;

  bool is_drafting_ = false;
  int32_t length_ = 0;
  /// Plain tokens until the draft is asked.
  int32_t left_ = kFirstTokens;
  /// Of the next rest that a draft of no help takes.
  int32_t pause_ = kFirstPause;
  int32_t rounds_ = 0;
  /// Sums of this attempt, and of the plain tokens before it.
  double draft_ms_ = 0, plain_ms_ = 0;
  int32_t draft_tokens_ = 0, plain_tokens_ = 0;
  int32_t recent_proposed_ = 0, recent_accepted_ = 0;
  int64_t proposed_ = 0, accepted_ = 0;

  static constexpr int32_t kFirstTokens = 4;
  static constexpr int32_t kFirstPause = 16;
};

}  // namespace exo

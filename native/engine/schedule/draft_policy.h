#pragma once

#include <cstdint>

namespace exo {

/// Decides for one sequence whether to use the draft and how many tokens to propose. It measures decoding with and
/// without the draft. If too few proposals are accepted, or decoding is no faster, the draft pauses and is tried again
/// later. Each such pause is longer. The policy does not affect which tokens are drawn. Pure: no clock.
class DraftPolicy {
 public:
  /// How many tokens to propose for the next step; 0: none.
  int32_t length() const { return is_drafting_ ? length_ : 0; }

  /// Records a token without a draft. @param duration_ms since the previous token
  void add_plain(double duration_ms);
  /// Records a step with proposals, which drew `accepted` of the `proposed` tokens and one more. @param duration_ms
  /// since the previous step
  void add_draft(double duration_ms, int32_t proposed, int32_t accepted);

  int64_t proposed() const { return proposed_; }
  int64_t accepted() const { return accepted_; }

 private:
  void rest(int32_t tokens);
  void begin();
  bool helps() const;

  bool is_drafting_ = false;
  int32_t length_ = 0;
  /// Plain tokens until the draft is used.
  int32_t left_ = kFirstTokens;
  /// The length of the next pause if the draft does not help, in tokens.
  int32_t pause_ = kFirstPause;
  int32_t rounds_ = 0;
  /// Sums over this attempt and over the plain tokens before it.
  double draft_ms_ = 0, plain_ms_ = 0;
  int32_t draft_tokens_ = 0, plain_tokens_ = 0;
  int32_t recent_proposed_ = 0, recent_accepted_ = 0;
  int64_t proposed_ = 0, accepted_ = 0;

  static constexpr int32_t kFirstTokens = 4;
  static constexpr int32_t kFirstPause = 16;
};

}  // namespace exo

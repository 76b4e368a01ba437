#pragma once

#include <chrono>
#include <optional>

namespace exo {

/// Within this a neighbour's system acknowledges what it gets, even where its process is stopped or slow. Five times it has
/// been sent again by then.
constexpr auto kAcknowledgeLimit = std::chrono::seconds(7);

/// @returns whether the system sends what was written again and again, as nothing acknowledges it; false where it does not say
bool is_resending(int descriptor);

/// Has the system itself end a connection on which nothing is acknowledged, where it can but does not say so.
void end_when_unacknowledged(int descriptor);

/// For how long it has gone on without a word from the other side.
class Resending {
 public:
  using Clock = std::chrono::steady_clock;

  /// @returns whether the limit has passed
  bool has_lasted(bool is_resending, Clock::time_point now) {
    if (!is_resending) since_.reset();
    else if (!since_) since_ = now;
    return since_ && now - *since_ >= kAcknowledgeLimit;
  }

 private:
  std::optional<Clock::time_point> since_;
};

}  // namespace exo

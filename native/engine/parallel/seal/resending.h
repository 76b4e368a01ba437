#pragma once

#include <chrono>
#include <optional>

namespace exo {

/// Within this time a neighbour's operating system acknowledges data, even if its process is stopped or slow. The data
/// has been retransmitted four times by then, and a node that is silent for as long has left the cluster.
constexpr auto kAcknowledgeLimit = std::chrono::seconds(4);

/// @returns whether the operating system is retransmitting unacknowledged data; false if it does not report this
bool is_resending(int descriptor);

/// Makes the operating system close a connection without acknowledgements, on systems that can do this but do not
/// report retransmissions.
void end_when_unacknowledged(int descriptor);

/// How long a connection has been retransmitting without any acknowledgement.
class Resending {
 public:
  using Clock = std::chrono::steady_clock;

  /// @returns whether that is at least kAcknowledgeLimit
  bool has_lasted(bool is_resending, Clock::time_point now) {
    if (!is_resending) since_.reset();
    else if (!since_) since_ = now;
    return since_ && now - *since_ >= kAcknowledgeLimit;
  }

 private:
  std::optional<Clock::time_point> since_;
};

}  // namespace exo

#include "has_ended.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

namespace exo {

namespace {

#if defined(POLLRDHUP)
constexpr short kAsked = POLLRDHUP;
#else
// On macOS, poll reports nothing if no events are requested.
constexpr short kAsked = POLLHUP;
#endif
constexpr short kEnd = kAsked | POLLHUP | POLLERR;

}  // namespace

bool has_ended(int descriptor) {
  pollfd polled{descriptor, kAsked, 0};
  if (::poll(&polled, 1, 0) > 0 && (polled.revents & kEnd) != 0) return true;
  char next = 0;
  const auto got = ::recv(descriptor, &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void wait_for_end(const int* descriptors, int count, int limit_ms) {
#if defined(POLLRDHUP)
  std::vector<pollfd> polled;
  for (int i = 0; i < count; ++i) polled.push_back({descriptors[i], kAsked, 0});
  ::poll(polled.data(), static_cast<nfds_t>(polled.size()), limit_ms);
#else
  // On macOS, data end the wait for a close, and unread data would make this thread spin.
  (void)descriptors, (void)count;
  std::this_thread::sleep_for(std::chrono::milliseconds(limit_ms));
#endif
}

}  // namespace exo

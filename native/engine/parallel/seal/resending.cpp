#include "resending.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace exo {

bool is_resending(int descriptor) {
#if defined(__linux__)
  tcp_info info{};
  socklen_t size = sizeof(info);
  // Counts retransmissions since the last acknowledgement, without the probes of a full window.
  return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_unacked > 0 && info.tcpi_retransmits > 0;
#else
  (void)descriptor;
  return false;
#endif
}

void end_when_unacknowledged(int descriptor) {
#if defined(TCP_RXT_CONNDROPTIME)
  const int seconds = static_cast<int>(kAcknowledgeLimit.count());
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_RXT_CONNDROPTIME, &seconds, sizeof(seconds));
#else
  (void)descriptor;
#endif
}

}  // namespace exo

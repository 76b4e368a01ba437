#include "ring_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "../sockets/has_ended.h"

namespace exo {

namespace {

/// MLX retries at once, so a lost wake-up costs at most this long.
constexpr int kWaitMs = 2;

bool is_connected_stream(int descriptor) {
  int type = 0;
  socklen_t size = sizeof(type);
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof(peer);
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
         ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 && peer.ss_family == AF_INET;
}

std::vector<int> connected_streams() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  std::vector<int> found;
  for (int descriptor = 0; descriptor < static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65536)); ++descriptor) {
    if (is_connected_stream(descriptor)) found.push_back(descriptor);
  }
  return found;
}

/// The ports in MLX's hostfile: every number after a colon. IPv6 addresses do not occur, since MLX's ring does not
/// support them.
std::vector<int> hostfile_ports() {
  const char* path = std::getenv("MLX_HOSTFILE");
  std::ifstream file(path ? path : "");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<int> ports;
  for (size_t at = text.find(':'); at != std::string::npos; at = text.find(':', at + 1)) {
    int port = 0;
    if (std::from_chars(text.data() + at + 1, text.data() + text.size(), port).ec == std::errc{} && port > 0) ports.push_back(port);
  }
  return ports;
}

bool has_port(int descriptor, const std::vector<int>& ports, int (*name_of)(int, sockaddr*, socklen_t*)) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (name_of(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  return std::find(ports.begin(), ports.end(), ntohs(address.sin_port)) != ports.end();
}

}  // namespace

RingSockets::RingSockets() : before_(connected_streams()) {}

void RingSockets::find() {
  const auto ports = hostfile_ports();
  descriptors_ =
      new_that([&](int descriptor) { return has_port(descriptor, ports, ::getsockname) || has_port(descriptor, ports, ::getpeername); });
}

std::vector<int> RingSockets::new_with_own_port(int port) const {
  return new_that([port](int descriptor) { return has_port(descriptor, {port}, ::getsockname); });
}

std::vector<int> RingSockets::new_with_peer_port(int port) const {
  return new_that([port](int descriptor) { return has_port(descriptor, {port}, ::getpeername); });
}

std::vector<int> RingSockets::new_that(const std::function<bool(int)>& is_wanted) const {
  std::vector<int> found;
  for (const int descriptor : connected_streams()) {
    const bool is_new = std::find(before_.begin(), before_.end(), descriptor) == before_.end();
    if (is_new && is_wanted(descriptor)) found.push_back(descriptor);
  }
  return found;
}

void RingSockets::wait_for_data() const {
  const timeval limit{0, kWaitMs * 1000};
  for (const int descriptor : descriptors_) {
    // Sends have a time limit, too: a thread that blocks in a send cannot receive, and two such ranks would deadlock.
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  }
}

bool RingSockets::has_hung_up(int limit_ms) const {
  wait_for_end(descriptors_.data(), static_cast<int>(descriptors_.size()), limit_ms);
  return std::any_of(descriptors_.begin(), descriptors_.end(), has_ended);
}

}  // namespace exo

#include "tcp_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace exo {

namespace {

constexpr int kBacklog = 128;

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

template <typename Address>
SocketAddress stored(const Address& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof(address));
  result.size = sizeof(address);
  return result;
}

}  // namespace

SocketAddress socket_address(const std::string& address, int port) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(static_cast<uint16_t>(port));
  if (::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1) return stored(ipv4);
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(static_cast<uint16_t>(port));
  const auto scope_at = address.find('%');
  if (::inet_pton(AF_INET6, address.substr(0, scope_at).c_str(), &ipv6.sin6_addr) != 1) {
    throw std::invalid_argument(address + " is not an IP address");
  }
  if (scope_at == std::string::npos) return stored(ipv6);
  ipv6.sin6_scope_id = ::if_nametoindex(address.substr(scope_at + 1).c_str());
  if (ipv6.sin6_scope_id == 0) throw std::invalid_argument("this machine has no interface for " + address);
  return stored(ipv6);
}

Descriptor open_stream(const SocketAddress& address) {
  Descriptor stream(::socket(address.storage.ss_family, SOCK_STREAM, 0));
  if (!stream) fail("no socket");
  ::fcntl(stream.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(stream.get(), F_SETFL, ::fcntl(stream.get(), F_GETFL) | O_NONBLOCK);
  return stream;
}

Descriptor listen_at(const std::string& address, int port) {
  const auto at = socket_address(address, port);
  auto stream = open_stream(at);
  const int yes = 1;
  ::setsockopt(stream.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (::bind(stream.get(), at.get(), at.size) != 0 || ::listen(stream.get(), kBacklog) != 0) {
    fail("cannot listen at " + address + ":" + std::to_string(port));
  }
  return stream;
}

bool connect_within(const Descriptor& stream, const SocketAddress& address, std::chrono::milliseconds limit) {
  if (::connect(stream.get(), address.get(), address.size) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd polled{stream.get(), POLLOUT, 0};
  if (::poll(&polled, 1, static_cast<int>(limit.count())) <= 0) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(stream.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

void let_block(const Descriptor& stream, std::chrono::milliseconds limit) {
  const int yes = 1;
  ::setsockopt(stream.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  timeval wait{};
  wait.tv_sec = static_cast<decltype(wait.tv_sec)>(limit.count() / 1000);
  wait.tv_usec = static_cast<decltype(wait.tv_usec)>(limit.count() % 1000 * 1000);
  ::setsockopt(stream.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  ::setsockopt(stream.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  ::fcntl(stream.get(), F_SETFL, ::fcntl(stream.get(), F_GETFL) & ~O_NONBLOCK);
}

}  // namespace exo

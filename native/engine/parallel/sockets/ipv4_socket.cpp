#include "ipv4_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace exo {

namespace {

constexpr int kBacklog = 128;

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

sockaddr_in ipv4_address(const std::string& address, int port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(static_cast<uint16_t>(port));
  if (::inet_pton(AF_INET, address.c_str(), &result.sin_addr) != 1) throw std::invalid_argument(address + " is not an IPv4 address");
  return result;
}

Descriptor open_stream() {
  Descriptor stream(::socket(AF_INET, SOCK_STREAM, 0));
  if (!stream) fail("no socket");
  ::fcntl(stream.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(stream.get(), F_SETFL, ::fcntl(stream.get(), F_GETFL) | O_NONBLOCK);
  return stream;
}

Descriptor listen_at(const std::string& address, int port) {
  auto stream = open_stream();
  const int yes = 1;
  ::setsockopt(stream.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const auto at = ipv4_address(address, port);
  if (::bind(stream.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0 || ::listen(stream.get(), kBacklog) != 0) {
    fail("cannot listen at " + address + ":" + std::to_string(port));
  }
  return stream;
}

bool connect_within(const Descriptor& stream, const sockaddr_in& address, std::chrono::milliseconds limit) {
  if (::connect(stream.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return true;
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

#include "../../parallel/sockets/has_ended.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "../../parallel/sockets/descriptor.h"
#include "../test.h"

namespace exo {
namespace {

/// Both ends of a TCP connection on loopback.
struct Connected {
  Connected() {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    CHECK_EQUAL(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    CHECK_EQUAL(::listen(listener.get(), 1), 0);
    CHECK_EQUAL(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    near = Descriptor(::socket(AF_INET, SOCK_STREAM, 0));
    CHECK_EQUAL(::connect(near.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    far = Descriptor(::accept(listener.get(), nullptr, nullptr));
  }

  Descriptor near, far;
};

/// A close is known at once on loopback, but the system's work is not part of `close`.
bool ends_soon(int descriptor) {
  for (int i = 0; i < 200; ++i) {
    if (has_ended(descriptor)) return true;
    ::usleep(10'000);
  }
  return false;
}

TEST("a connection has not ended while its peer lives, and reading nothing from it changes nothing") {
  Connected pair;
  CHECK(!has_ended(pair.near.get()));
  CHECK_EQUAL(::send(pair.far.get(), "ab", 2, 0), 2);
  CHECK(!has_ended(pair.near.get()));
  CHECK(!has_ended(pair.near.get()));
  char bytes[2];
  CHECK_EQUAL(::recv(pair.near.get(), bytes, 2, MSG_WAITALL), 2);
  CHECK_EQUAL(bytes[0], 'a');
  CHECK_EQUAL(bytes[1], 'b');
  CHECK(!has_ended(pair.near.get()));
}

TEST("a connection has ended when its peer has closed it, shut it down or reset it") {
  Connected closed, shut, reset;
  closed.far = Descriptor();
  CHECK(ends_soon(closed.near.get()));
  ::shutdown(shut.far.get(), SHUT_WR);
  CHECK(ends_soon(shut.near.get()));
  const linger at_once{1, 0};
  ::setsockopt(reset.far.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  reset.far = Descriptor();
  CHECK(ends_soon(reset.near.get()));
}

TEST("unread data do not end the wait for a close") {
  Connected pair;
  CHECK_EQUAL(::send(pair.far.get(), "ab", 2, 0), 2);
  const int descriptor = pair.near.get();
  const auto begin = std::chrono::steady_clock::now();
  wait_for_end(&descriptor, 1, 200);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(150));
}

}  // namespace
}  // namespace exo

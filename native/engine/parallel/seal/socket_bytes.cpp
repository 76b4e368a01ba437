#include "socket_bytes.h"

#include <sys/socket.h>

#include <cerrno>

namespace exo {

namespace {

#if defined(MSG_NOSIGNAL)
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;
#endif

}  // namespace

size_t read_some(int descriptor, std::span<uint8_t> bytes) {
  for (;;) {
    const auto count = ::recv(descriptor, bytes.data(), bytes.size(), 0);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return 0;
  }
}

bool read_all(int descriptor, std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto count = read_some(descriptor, bytes);
    if (count == 0) return false;
    bytes = bytes.subspan(count);
  }
  return true;
}

bool write_all(int descriptor, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(descriptor, bytes.data(), bytes.size(), kNoSignal);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace exo

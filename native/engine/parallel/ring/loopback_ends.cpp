#include "loopback_ends.h"

#include <chrono>
#include <stdexcept>

#include "../sockets/tcp_socket.h"

namespace exo {

namespace {

const char* const kLoopback = "127.0.0.1";
constexpr auto kPause = std::chrono::milliseconds(2);
constexpr auto kConnectLimit = std::chrono::milliseconds(100);

}  // namespace

LoopbackEnds::LoopbackEnds(int listen_port, int dial_port)
    : listen_port_(listen_port), dial_port_(dial_port), listener_(listen_at(kLoopback, dial_port)), dialer_([this] { dial(); }) {}

LoopbackEnds::~LoopbackEnds() {
  is_ending_ = true;
  dialer_.join();
}

void LoopbackEnds::dial() {
  const auto address = socket_address(kLoopback, listen_port_);
  for (; !is_ending_; std::this_thread::sleep_for(kPause)) {
    auto stream = open_stream(address);
    if (!connect_within(stream, address, kConnectLimit)) continue;
    dialed_ = std::move(stream);
    return;
  }
}

std::pair<int, int> LoopbackEnds::find(const RingSockets& before) const {
  const auto left = before.new_with_own_port(listen_port_);
  const auto right = before.new_with_peer_port(dial_port_);
  if (left.size() != 1 || right.size() != 1) throw std::runtime_error("MLX's ring did not connect as its hostfile says");
  return {left.front(), right.front()};
}

}  // namespace exo

#include "dial_neighbour.h"

#include <thread>

#include "../sockets/tcp_socket.h"
#include "../seal/random_bytes.h"
#include "../seal/socket_bytes.h"

namespace exo {

namespace {

constexpr auto kConnectLimit = std::chrono::seconds(2);
constexpr auto kPause = std::chrono::milliseconds(20);

std::optional<Channel> shake_hands(const Descriptor& stream, const NeighbourPath& path) {
  DialerHandshake handshake(path.key, path.seal, random_bytes());
  std::array<uint8_t, kAnswerBytes> answer;
  std::array<uint8_t, kProofBytes> welcome;
  if (!write_all(stream.get(), handshake.hello()) || !read_all(stream.get(), answer)) return std::nullopt;
  const auto proof = handshake.prove(answer);
  if (!proof || !write_all(stream.get(), *proof) || !read_all(stream.get(), welcome)) return std::nullopt;
  return handshake.finish(welcome);
}

}  // namespace

std::optional<NeighbourConnection> dial_neighbour(const NeighbourPath& path, const Patience& patience) {
  const auto address = socket_address(path.address, path.port);
  for (; !patience.has_ended(); std::this_thread::sleep_for(kPause)) {
    auto stream = open_stream(address);
    if (!connect_within(stream, address, kConnectLimit)) continue;
    let_block(stream, kHandshakeLimit);
    if (const auto channel = shake_hands(stream, path)) {
      let_block(stream, std::chrono::milliseconds(0));
      return NeighbourConnection{std::move(stream), *channel};
    }
  }
  return std::nullopt;
}

}  // namespace exo

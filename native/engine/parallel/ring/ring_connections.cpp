#include "ring_connections.h"

#include <sys/socket.h>

#include <cerrno>
#include <future>
#include <stdexcept>
#include <system_error>

#include "dial_neighbour.h"
#include "loopback_ends.h"
#include "neighbour_listener.h"
#include "../seal/resending.h"

namespace exo {

namespace {

/// The same time limit as in MLX's own ring.
constexpr auto kJoinLimit = std::chrono::seconds(30);
/// The buffer sizes of the socket pair in front of a pump: enough for one prefill chunk.
constexpr int kPairBytes = 1 << 20;

[[noreturn]] void fail_for(const std::string& who, const NeighbourPath& path) {
  throw std::runtime_error(who + " did not show within 30 s, at " + path.address + ":" + std::to_string(path.port) +
                           ", that it is of this group");
}

}  // namespace

RingConnections::RingConnections(const RingPlace& place, SumsConnection sums) : place_(place) {
  std::atomic<bool> is_over{false};
  const Patience patience{std::chrono::steady_clock::now() + kJoinLimit, is_over};
  NeighbourListener listener(place.before);
  auto accepting = std::async(std::launch::async, [&] { return listener.accept(patience); });
  std::optional<NeighbourConnection> dialed;
  try {
    dialed = dial_neighbour(place.after, patience);
  } catch (...) {
    is_over = true;
    throw;
  }
  if (!dialed) is_over = true;
  auto accepted = accepting.get();
  if (!dialed) fail_for("the rank after this one", place.after);
  if (!accepted) fail_for("the rank before this one", place.before);
  before_ = std::move(*accepted);
  after_ = std::move(*dialed);
  if (sums == SumsConnection::None) return;
  const auto beside = SumExchange::path_beside(sums == SumsConnection::Dialed ? place.after : place.before);
  listener.expect(beside.key);
  auto connection = sums == SumsConnection::Dialed ? dial_neighbour(beside, patience) : listener.accept(patience);
  if (!connection) fail_for("the other rank", beside);
  sums_ = std::make_unique<SumExchange>(std::move(*connection));
}

RingSockets RingConnections::replace_those_of(const std::function<void()>& open_ring) {
  RingSockets sockets;
  const LoopbackEnds ends(place_.listen_port, place_.dial_port);
  open_ring();
  const auto [left, right] = ends.find(sockets);
  const int to_before = replace(left, std::move(before_));
  const int to_after = replace(right, std::move(after_));
  sockets.take({left, right});
  std::vector<NeighbourSocket> neighbours{{to_before, "the rank before this one, at " + place_.before.address},
                                          {to_after, "the rank after this one, at " + place_.after.address}};
  if (sums_) neighbours.push_back({sums_->descriptor(), "the other rank, at " + place_.after.address});
  sockets.take_neighbours(std::move(neighbours));
  return sockets;
}

int RingConnections::replace(int descriptor, NeighbourConnection connection) {
  end_when_unacknowledged(connection.socket.get());
  const auto put = [&](const Descriptor& socket) {
    if (::dup2(socket.get(), descriptor) < 0) throw std::system_error(errno, std::generic_category(), "no descriptor");
  };
  if (!connection.channel.is_sealed) {
    put(connection.socket);
    return descriptor;
  }
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) throw std::system_error(errno, std::generic_category(), "no socket pair");
  Descriptor inside(pair[0]);
  Descriptor outside(pair[1]);
  for (const int end : pair) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kPairBytes, sizeof(kPairBytes));
  put(inside);
  const int sealed = connection.socket.get();
  pumps_.push_back(std::make_unique<SealedPump>(std::move(outside), std::move(connection.socket), connection.channel));
  return sealed;
}

}  // namespace exo

#include "../../parallel/ring/ring_connections.h"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#if defined(__linux__)
#include <linux/filter.h>
#endif

#include <future>
#include <numeric>
#include <thread>

#include "../../parallel/ring/dial_neighbour.h"
#include "../../parallel/sockets/tcp_socket.h"
#include "../../parallel/ring/neighbour_listener.h"
#include "../../parallel/seal/resending.h"
#include "../../parallel/seal/sealed_frames.h"
#include "../../parallel/seal/socket_bytes.h"
#include "../test.h"
#include "../test_key.h"

namespace exo {

namespace {

using std::chrono::milliseconds;
using test::key_of;

const char* const kHere = "127.0.0.1";

int free_port() {
  const auto stream = listen_at(kHere, 0);
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(stream.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Descriptor connected_to(int port) {
  for (int attempt = 0; attempt < 500; ++attempt, std::this_thread::sleep_for(milliseconds(2))) {
    const auto address = socket_address(kHere, port);
    auto stream = open_stream(address);
    if (connect_within(stream, address, milliseconds(500))) {
      let_block(stream, milliseconds(3000));
      return stream;
    }
  }
  throw std::runtime_error("nobody listens");
}

/// Does what MLX does with its hostfile: accepts the first peer that connects, and connects to the next rank.
void open_as_mlx(const RingPlace& place, bool accepts_first, std::vector<Descriptor>& sockets) {
  const auto take_in = [&] {
    auto listener = listen_at(kHere, place.listen_port);
    pollfd polled{listener.get(), POLLIN, 0};
    ::poll(&polled, 1, 5000);
    sockets.emplace_back(::accept(listener.get(), nullptr, nullptr));
  };
  if (accepts_first) take_in();
  sockets.push_back(connected_to(place.dial_port));
  if (!accepts_first) take_in();
}

struct Rank {
  std::unique_ptr<RingConnections> connections;
  RingSockets sockets;
  std::vector<Descriptor> of_mlx;
};

std::vector<RingPlace> places(size_t size, bool seal, const std::string& at = kHere) {
  std::vector<RingPlace> all(size);
  for (size_t rank = 0; rank < size; ++rank) all[rank].before = {at, free_port(), key_of(static_cast<uint8_t>(rank + 1)), seal};
  for (size_t rank = 0; rank < size; ++rank) {
    all[rank].after = all[(rank + 1) % size].before;
    all[rank].listen_port = free_port();
    all[rank].dial_port = free_port();
  }
  return all;
}

/// The ranks join at the same time, as on several machines. But they open their rings one after the other, because
/// RingSockets finds the new descriptors of the whole process.
std::vector<Rank> join(const std::vector<RingPlace>& all, bool has_sums = false) {
  std::vector<std::future<std::unique_ptr<RingConnections>>> joining;
  for (size_t rank = 0; rank < all.size(); ++rank) {
    const auto sums = !has_sums ? SumsConnection::None : rank == 0 ? SumsConnection::Dialed : SumsConnection::Accepted;
    joining.push_back(
        std::async(std::launch::async, [&place = all[rank], sums] { return std::make_unique<RingConnections>(place, sums); }));
  }
  std::vector<Rank> ranks(all.size());
  for (size_t rank = 0; rank < all.size(); ++rank) ranks[rank].connections = joining[rank].get();
  for (size_t rank = 0; rank < all.size(); ++rank) {
    ranks[rank].sockets =
        ranks[rank].connections->replace_those_of([&] { open_as_mlx(all[rank], rank + 1 < all.size(), ranks[rank].of_mlx); });
    for (const int descriptor : ranks[rank].sockets.descriptors()) {
      const timeval limit{5, 0};
      ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    }
  }
  return ranks;
}

int before(const Rank& rank) { return rank.sockets.descriptors()[0]; }
int after(const Rank& rank) { return rank.sockets.descriptors()[1]; }

/// @returns whether data written to one descriptor can be read from the other
bool carries(int from, int to, size_t size) {
  std::vector<uint8_t> sent(size);
  std::iota(sent.begin(), sent.end(), uint8_t{1});
  std::vector<uint8_t> received(size);
  auto sending = std::async(std::launch::async, [&] { return write_all(from, sent); });
  const bool has_come = read_all(to, received);
  return sending.get() && has_come && sent == received;
}

bool carries_around(const std::vector<Rank>& ranks) {
  for (size_t rank = 0; rank < ranks.size(); ++rank) {
    const auto& next = ranks[(rank + 1) % ranks.size()];
    for (const size_t size : {size_t{1}, size_t{5'000'000}}) {
      if (!carries(after(ranks[rank]), before(next), size) || !carries(before(next), after(ranks[rank]), size)) return false;
    }
  }
  return true;
}

Patience for_ms(int limit, const std::atomic<bool>& is_over) { return {std::chrono::steady_clock::now() + milliseconds(limit), is_over}; }

}  // namespace

TEST("a ring carries bytes both ways between neighbours, sealed and bare, in MLX's own sockets") {
  for (const bool seal : {false, true}) {
    for (const size_t size : {2, 3}) {
      const auto all = places(size, seal);
      const auto ranks = join(all);
      CHECK(carries_around(ranks));
      for (const auto& rank : ranks) CHECK(!rank.sockets.has_hung_up(0));
    }
  }
}

TEST("a ring is the same over IPv6, with a scope and without") {
  const auto loopback = if_nametoindex("lo") > 0 ? "::1%lo" : "::1%lo0";
  for (const std::string at : {"::1", loopback}) {
    try {
      listen_at(at, 0);
    } catch (const std::system_error&) {
      continue;  // this machine has no IPv6
    }
    for (const bool seal : {false, true}) CHECK(carries_around(join(places(2, seal, at))));
  }
}

TEST("an address is IPv4 or IPv6, and its scope an interface of this machine") {
  CHECK(socket_address("10.0.0.1", 1).storage.ss_family == AF_INET);
  CHECK(socket_address("fd00::1", 1).storage.ss_family == AF_INET6);
  for (const std::string wrong : {"", "host", "10.0.0.1%lo", "fe80::1%", "fe80::1%no-such-one", "10.0.0.256"}) {
    bool is_refused = false;
    try {
      socket_address(wrong, 1);
    } catch (const std::invalid_argument&) {
      is_refused = true;
    }
    CHECK(is_refused);
  }
}

TEST("two ranks exchange the parts of their sums beside the ring, sealed and bare, and notice when the other is gone") {
  for (const bool seal : {false, true}) {
    const auto all = places(2, seal);
    auto ranks = join(all, true);
    CHECK(carries_around(ranks));
    CHECK_EQUAL(ranks[0].sockets.neighbours().size(), size_t{3});
    for (const size_t size : {size_t{1}, size_t{1500}, SumExchange::kMostBytes}) {
      std::vector<uint8_t> part(size, 3), other(size), far_part(size, 5), far_other(size);
      auto far = std::async(std::launch::async, [&] { ranks[1].connections->sums()->exchange(far_part, far_other); });
      ranks[0].connections->sums()->exchange(part, other);
      far.get();
      CHECK(other == far_part);
      CHECK(far_other == part);
    }
    ranks[1].of_mlx.clear();
    ranks[1].connections.reset();
    bool is_lost = false;
    std::vector<uint8_t> part(8), other(8);
    try {
      ranks[0].connections->sums()->exchange(part, other);
    } catch (const std::runtime_error&) {
      is_lost = true;
    }
    CHECK(is_lost);
  }
}

TEST("B1: a sum's part of another size or from another key is not taken") {
  const std::atomic<bool> is_over{false};
  const auto connected = [&](Channel near, Channel far) {
    int pair[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    return std::pair(std::make_unique<SumExchange>(NeighbourConnection{Descriptor(pair[0]), near}),
                     std::make_unique<SumExchange>(NeighbourConnection{Descriptor(pair[1]), far}));
  };
  const auto fails = [](SumExchange& sums, size_t size) {
    std::vector<uint8_t> part(size), other(size);
    try {
      sums.exchange(part, other);
    } catch (const std::runtime_error&) {
      return true;
    }
    return false;
  };
  const auto both_fail = [&](Channel near, Channel far, size_t size, size_t far_size) {
    auto [one, two] = connected(near, far);
    auto second = std::async(std::launch::async, [&fails, &sums = *two, far_size] { return fails(sums, far_size); });
    return fails(*one, size) && second.get();
  };
  CHECK(!both_fail({true, key_of(1), key_of(2)}, {true, key_of(2), key_of(1)}, 16, 16));
  CHECK(both_fail({true, key_of(1), key_of(2)}, {true, key_of(2), key_of(1)}, 16, 32));
  CHECK(both_fail({true, key_of(1), key_of(2)}, {true, key_of(4), key_of(3)}, 16, 16));
  NeighbourPath path{kHere, free_port(), key_of(1), true};
  NeighbourListener listener(path);
  auto accepting = std::async(std::launch::async, [&] { return listener.accept(for_ms(300, is_over)); });
  CHECK(!dial_neighbour(SumExchange::path_beside(path), for_ms(300, is_over)).has_value());
  CHECK(!accepting.get().has_value());
}

TEST("B1: strangers at every port hold up no ring, nor do they take a place in it") {
  for (const bool seal : {false, true}) {
    const auto all = places(2, seal);
    std::atomic<bool> is_over{false};
    std::vector<std::future<void>> strangers;
    for (const auto& place : all) {
      for (const int port : {place.before.port, place.listen_port}) {
        strangers.push_back(std::async(std::launch::async, [&is_over, port] {
          std::vector<Descriptor> held;
          while (!is_over) {
            const auto address = socket_address(kHere, port);
            auto stream = open_stream(address);
            if (held.size() < 100 && connect_within(stream, address, milliseconds(100))) {
              const uint8_t noise[200] = {'G', 'E', 'T'};
              if (held.size() % 2 == 1) write_all(stream.get(), noise);
              held.push_back(std::move(stream));
            }
            std::this_thread::sleep_for(milliseconds(1));
          }
        }));
      }
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto ranks = join(all);
    is_over = true;
    CHECK(std::chrono::steady_clock::now() - begin < milliseconds(4000));
    CHECK(carries_around(ranks));
  }
}

TEST("a neighbour that goes is a hang-up at once, sealed and bare") {
  for (const bool seal : {false, true}) {
    const auto all = places(2, seal);
    auto ranks = join(all);
    ranks[1].of_mlx.clear();
    ranks[1].connections.reset();
    CHECK(ranks[0].sockets.has_hung_up(2000));
  }
}

TEST("B1: one with the key of another epoch is let go, and the neighbour after it is taken in") {
  const std::atomic<bool> is_over{false};
  NeighbourPath path{kHere, free_port(), key_of(1), true};
  auto other = path;
  other.key = key_of(2);
  NeighbourListener listener(path);
  auto accepting = std::async(std::launch::async, [&] { return listener.accept(for_ms(5000, is_over)); });
  CHECK(!dial_neighbour(other, for_ms(200, is_over)).has_value());
  CHECK(dial_neighbour(path, for_ms(5000, is_over)).has_value());
  CHECK(accepting.get().has_value());
}

TEST("a dialer goes on until the neighbour's own listener is there, past one that is not") {
  const std::atomic<bool> is_over{false};
  const NeighbourPath path{kHere, free_port(), key_of(1), false};
  auto dialing = std::async(std::launch::async, [&] { return dial_neighbour(path, for_ms(10000, is_over)); });
  {
    auto other = path;
    other.key = key_of(2);
    CHECK(!NeighbourListener(other).accept(for_ms(300, is_over)).has_value());
  }
  CHECK(NeighbourListener(path).accept(for_ms(5000, is_over)).has_value());
  CHECK(dialing.get().has_value());
}

TEST("a rank stops waiting for its neighbours when that is over") {
  const std::atomic<bool> is_over{true};
  const NeighbourPath path{kHere, free_port(), key_of(1), false};
  CHECK(!dial_neighbour(path, for_ms(60000, is_over)).has_value());
  CHECK(!NeighbourListener(path).accept(for_ms(60000, is_over)).has_value());
}

TEST("B1: a sealed connection on which a byte is changed ends at both ends") {
  int wires[2][2];
  int inner[2][2];
  for (auto* pair : {wires[0], wires[1], inner[0], inner[1]}) CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const Channel channel{true, key_of(1), key_of(2)};
  const SealedPump near(Descriptor(inner[0][1]), Descriptor(wires[0][0]), channel);
  const SealedPump far(Descriptor(inner[1][1]), Descriptor(wires[1][0]), {true, channel.receiving, channel.sending});
  const Descriptor ends[] = {Descriptor(inner[0][0]), Descriptor(inner[1][0]), Descriptor(wires[0][1]), Descriptor(wires[1][1])};
  const uint8_t word[] = {1, 2, 3, 4};
  uint8_t frame[kFrameHeadBytes + sizeof(word) + kTagBytes];
  uint8_t received[sizeof(word)];
  CHECK(write_all(ends[0].get(), word) && read_all(ends[2].get(), frame) && write_all(ends[3].get(), frame));
  CHECK(read_all(ends[1].get(), received) && received[3] == 4);
  CHECK(write_all(ends[0].get(), word) && read_all(ends[2].get(), frame));
  frame[kFrameHeadBytes] ^= 1;
  CHECK(write_all(ends[3].get(), frame));
  CHECK(!read_all(ends[1].get(), received));
  CHECK(!read_all(ends[3].get(), std::span(frame, 1)));
}

#if defined(__linux__)
namespace {

/// From now on the socket drops what arrives, like a network path that loses packets.
void drop_all(int descriptor) {
  sock_filter nothing[] = {{BPF_RET | BPF_K, 0, 0, 0}};
  const sock_fprog program{1, nothing};
  CHECK(::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0);
}

void drop_no_more(int descriptor) {
  const int nothing = 0;
  CHECK(::setsockopt(descriptor, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof(nothing)) == 0);
}

bool comes_to_be(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(5));
  return holds();
}

}  // namespace

TEST("F7: bytes that nobody acknowledges are seen, sealed and bare, and no longer once they have come") {
  for (const bool seal : {false, true}) {
    const auto ranks = join(places(2, seal));
    const auto& [descriptor, name] = ranks[0].sockets.neighbours()[1];
    CHECK(name.find("127.0.0.1") != std::string::npos);
    const int other = ranks[1].sockets.neighbours()[0].descriptor;
    CHECK(carries(after(ranks[0]), before(ranks[1]), 100));
    CHECK(!is_resending(descriptor));
    drop_all(other);
    const uint8_t bytes[100] = {};
    CHECK(write_all(after(ranks[0]), bytes));
    CHECK(comes_to_be([&, descriptor = descriptor] { return is_resending(descriptor); }));
    drop_no_more(other);
    CHECK(comes_to_be([&, descriptor = descriptor] { return !is_resending(descriptor); }));
  }
}

TEST("F7: a window that stays full, as of a rank that computes for long, is no standstill") {
  const auto ranks = join(places(2, false));
  const int descriptor = after(ranks[0]);
  const timeval limit{0, 1000};
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const std::vector<uint8_t> bytes(64 << 20);
  CHECK(!write_all(descriptor, bytes));
  std::this_thread::sleep_for(milliseconds(1500));
  CHECK(!is_resending(descriptor));
}
#endif

TEST("F7: a standstill is one only when it has lasted, without a word between") {
  Resending resending;
  const auto start = Resending::Clock::time_point{};
  CHECK(!resending.has_lasted(true, start));
  const milliseconds limit = kAcknowledgeLimit, moment{1};
  CHECK(!resending.has_lasted(true, start + limit - moment));
  CHECK(!resending.has_lasted(false, start + limit));
  CHECK(!resending.has_lasted(true, start + limit + moment));
  CHECK(resending.has_lasted(true, start + 2 * limit + moment));
}

}  // namespace exo

#include "neighbour_listener.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "../sockets/tcp_socket.h"
#include "../seal/random_bytes.h"
#include "../seal/socket_bytes.h"

namespace exo {

namespace {

/// If more peers than this are connected without a valid proof, the oldest is dropped.
constexpr size_t kMostCandidates = 64;
constexpr int kPollMs = 50;

enum class State { Waiting, Gone, Welcome };

}  // namespace

/// A connected peer that has not yet proved that it has the key.
struct NeighbourListener::Candidate {
  Candidate(Descriptor connected, const NeighbourPath& path)
      : socket(std::move(connected)),
        handshake(path.key, path.seal, random_bytes()),
        until(std::chrono::steady_clock::now() + kHandshakeLimit) {}

  /// Reads what has arrived.
  State go_on() {
    for (;;) {
      const auto wanted = std::span(bytes).first(has_said_hello ? kProofBytes : kHelloBytes).subspan(count);
      const auto got = ::recv(socket.get(), wanted.data(), wanted.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return State::Waiting;
      if (got <= 0) return State::Gone;
      count += static_cast<size_t>(got);
      if (static_cast<size_t>(got) < wanted.size()) continue;
      count = 0;
      if (has_said_hello) return answer_proof();
      if (!answer_hello()) return State::Gone;
      has_said_hello = true;
    }
  }

  bool answer_hello() {
    const auto answer = handshake.answer(std::span(bytes).first<kHelloBytes>());
    return answer && write_all(socket.get(), *answer);
  }

  State answer_proof() {
    const auto welcome = handshake.welcome(std::span(bytes).first<kProofBytes>());
    return welcome && write_all(socket.get(), *welcome) ? State::Welcome : State::Gone;
  }

  Descriptor socket;
  AcceptorHandshake handshake;
  std::chrono::steady_clock::time_point until;
  std::array<uint8_t, std::max(kHelloBytes, kProofBytes)> bytes{};
  size_t count = 0;
  bool has_said_hello = false;
};

NeighbourListener::NeighbourListener(NeighbourPath path) : path_(std::move(path)), listener_(listen_at(path_.address, path_.port)) {}

std::optional<NeighbourConnection> NeighbourListener::accept(const Patience& patience) {
  std::vector<Candidate> candidates;
  while (!patience.has_ended()) {
    std::vector<pollfd> polled{{listener_.get(), POLLIN, 0}};
    for (const auto& candidate : candidates) polled.push_back({candidate.socket.get(), POLLIN, 0});
    ::poll(polled.data(), static_cast<nfds_t>(polled.size()), kPollMs);
    const auto now = std::chrono::steady_clock::now();
    std::vector<Candidate> left;
    for (size_t i = 0; i < candidates.size(); ++i) {
      auto& candidate = candidates[i];
      const auto state = polled[i + 1].revents == 0 ? State::Waiting : candidate.go_on();
      if (state == State::Welcome) {
        let_block(candidate.socket, std::chrono::milliseconds(0));
        const auto channel = candidate.handshake.channel();
        return NeighbourConnection{std::move(candidate.socket), channel};
      }
      if (state == State::Waiting && now < candidate.until) left.push_back(std::move(candidate));
    }
    candidates = std::move(left);
    if (polled[0].revents != 0) take_in(candidates);
  }
  return std::nullopt;
}

void NeighbourListener::take_in(std::vector<Candidate>& candidates) const {
  for (;;) {
    Descriptor connected(::accept(listener_.get(), nullptr, nullptr));
    if (!connected) return;
    ::fcntl(connected.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(connected.get(), F_SETFL, O_NONBLOCK);
    candidates.emplace_back(std::move(connected), path_);
    if (candidates.size() > kMostCandidates) candidates.erase(candidates.begin());
  }
}

}  // namespace exo

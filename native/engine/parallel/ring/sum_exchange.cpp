#include "sum_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "../seal/resending.h"
#include "../seal/socket_bytes.h"

namespace exo {

namespace {

constexpr std::array<uint8_t, 16> kLabel{'e', 'x', 'o', ' ', 'r', 'i', 'n', 'g', ' ', ' ', ' ', ' ', 's', 'u', 'm', 's'};
/// Both ranks send before they receive, so a whole part must fit.
constexpr int kBufferBytes = 4 * SumExchange::kMostBytes;

}  // namespace

SumExchange::SumExchange(NeighbourConnection connection) : socket_(std::move(connection.socket)) {
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
  end_when_unacknowledged(socket_.get());
  if (!connection.channel.is_sealed) return;
  sealer_.emplace(connection.channel.sending);
  opener_.emplace(connection.channel.receiving);
}

NeighbourPath SumExchange::path_beside(NeighbourPath path) {
  path.key = derive_key(path.key, kLabel);
  return path;
}

void SumExchange::exchange(std::span<const uint8_t> part, std::span<uint8_t> other) {
  if (!send(part) || !receive(other)) throw std::runtime_error("the connection for sums to the other rank was lost");
}

bool SumExchange::send(std::span<const uint8_t> part) {
  if (!sealer_) return write_all(socket_.get(), part);
  std::copy(part.begin(), part.end(), sealer_->room().begin());
  return write_all(socket_.get(), sealer_->seal(part.size()));
}

bool SumExchange::receive(std::span<uint8_t> other) {
  if (!opener_) return read_all(socket_.get(), other);
  uint8_t head[kFrameHeadBytes];
  if (!read_all(socket_.get(), head)) return false;
  const auto body = opener_->body(head);
  if (!body || body->size() != other.size() + kTagBytes || !read_all(socket_.get(), *body)) return false;
  const auto opened = opener_->open();
  if (!opened) return false;
  std::copy(opened->begin(), opened->end(), other.begin());
  return true;
}

}  // namespace exo

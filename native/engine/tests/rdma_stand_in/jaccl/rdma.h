// Stands in for JACCL's rdma.h, with the same queue pair and completion queue per connection, but within one process.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

constexpr int SEND_WR = 1;
constexpr int RECV_WR = 2;
constexpr int BUFFER_SIZES = 8;
constexpr int NUM_BUFFERS = 2;
constexpr int FRAME_SIZE = 4096;

struct ibv_wc {
  uint64_t wr_id;
};

inline std::pair<int, int64_t> buffer_size_from_message(int64_t bytes) {
  for (int k = BUFFER_SIZES - 1; k > 0; k--) {
    if (bytes >= FRAME_SIZE * (1 << k)) return {k, FRAME_SIZE * (1 << k)};
  }
  return {0, FRAME_SIZE};
}

namespace jaccl {

struct SharedBuffer {
  explicit SharedBuffer(size_t bytes) : bytes(bytes) {}

  template <typename T>
  T* data() {
    return reinterpret_cast<T*>(bytes.data());
  }
  template <typename T>
  T* begin() {
    return data<T>();
  }

  std::vector<char> bytes;
};

/// One direction between two connections. A send is delivered when a receive has been posted for it.
struct Wire {
  std::mutex mutex;
  std::deque<std::pair<SharedBuffer*, uint64_t>> sends, receives;
};

struct Connection {
  /// Whether the process has ended, which is all that ends JACCL's loops.
  const std::atomic<bool>* has_ended = nullptr;
  void* ctx = nullptr;
  Wire* out = nullptr;
  Wire* in = nullptr;
  Connection* peer = nullptr;

  void post_send(SharedBuffer& buffer, uint64_t id) {
    const std::lock_guard lock(out->mutex);
    out->sends.push_back({&buffer, id});
    deliver(*out, *this, *peer);
  }

  void post_recv(SharedBuffer& buffer, uint64_t id) {
    const std::lock_guard lock(in->mutex);
    in->receives.push_back({&buffer, id});
    deliver(*in, *peer, *this);
  }

  int poll(int count, ibv_wc* completions) {
    int taken = 0;
    {
      const std::lock_guard lock(mutex);
      for (; taken < count && !completed.empty(); completed.pop_front()) completions[taken++] = completed.front();
    }
    if (taken == 0) {
      if (has_ended && *has_ended) throw std::runtime_error("the process has ended");
      // JACCL spins, and here all ranks share this machine's cores.
      std::this_thread::yield();
    }
    return taken;
  }

 private:
  static void deliver(Wire& wire, Connection& sender, Connection& receiver) {
    while (!wire.sends.empty() && !wire.receives.empty()) {
      const auto [from, sent] = wire.sends.front();
      const auto [into, received] = wire.receives.front();
      wire.sends.pop_front();
      wire.receives.pop_front();
      std::memcpy(into->bytes.data(), from->bytes.data(), std::min(into->bytes.size(), from->bytes.size()));
      sender.complete(sent);
      receiver.complete(received);
    }
  }

  void complete(uint64_t id) {
    const std::lock_guard lock(mutex);
    completed.push_back({id});
  }

  std::mutex mutex;
  std::deque<ibv_wc> completed;
};

inline int poll(std::span<Connection> connections, int count, ibv_wc* completions) {
  int taken = 0;
  for (auto& connection : connections) {
    if (connection.ctx && taken < count) taken += connection.poll(count - taken, completions + taken);
  }
  return taken;
}

inline int poll(std::span<Connection> left, std::span<Connection> right, int count, ibv_wc* completions) {
  const int taken = poll(left, count, completions);
  return taken + poll(right, count - taken, completions + taken);
}

}  // namespace jaccl

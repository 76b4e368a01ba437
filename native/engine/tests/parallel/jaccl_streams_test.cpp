// Runs the ranks of a group over JACCL's own mesh and ring with a stand-in for the verbs. As many steps are in flight
// as in the engine, and message_streams.h chooses the streams of each rank.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <optional>

#include "../../parallel/message_streams.h"
#include "jaccl/mesh_impl.h"
#include "jaccl/ring_impl.h"
#include "../test.h"

namespace exo {
namespace {

constexpr int kSteps = 1000;
constexpr int kPlanBytes = 512;
constexpr int kHiddenBytes = 16384;
/// Only a guard against hanging, because JACCL itself waits forever.
constexpr auto kLimit = std::chrono::seconds(120);

enum class Shape { Mesh, Ring };

/// Runs tasks one after the other on its own thread, like an MLX stream.
class Stream {
 public:
  Stream() : thread_([this] { run(); }) {}
  ~Stream() {
    add([this] { is_ending_ = true; }).wait();
    thread_.join();
  }

  std::future<void> add(std::function<void()> body) {
    std::packaged_task<void()> task(std::move(body));
    auto done = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
    return done;
  }

 private:
  void run() {
    while (!is_ending_) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !tasks_.empty(); });
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::packaged_task<void()>> tasks_;
  std::atomic<bool> is_ending_{false};
  std::thread thread_;
};

/// All ranks of a group, connected.
class Fabric {
 public:
  Fabric(Shape shape, int size) : shape_(shape), size_(size) {
    for (int rank = 0; rank < size; ++rank) ranks_.push_back(std::make_unique<Rank>(shape, size));
    for (int a = 0; a < size; ++a) {
      if (shape == Shape::Ring) {
        connect(ranks_[a]->right[0], ranks_[(a + 1) % size]->left[0]);
        continue;
      }
      for (int b = a + 1; b < size; ++b) connect(ranks_[a]->peers[b], ranks_[b]->peers[a]);
    }
    for (int rank = 0; rank < size; ++rank) {
      auto& one = *ranks_[rank];
      if (shape == Shape::Ring)
        one.ring = std::make_unique<jaccl::RingImpl>(rank, size, one.left, one.right, one.buffers, one.more_buffers);
      else one.mesh = std::make_unique<jaccl::MeshImpl>(rank, size, one.peers, one.buffers, one.more_buffers);
    }
  }

  /// Ends all processes: their waits throw.
  void end() { has_ended_ = true; }

  void send(int rank, const std::vector<char>& bytes, int to) {
    const auto count = static_cast<int64_t>(bytes.size());
    if (shape_ == Shape::Ring) ranks_[rank]->ring->send(bytes.data(), count, to, 1);
    else ranks_[rank]->mesh->send(bytes.data(), count, to);
  }

  std::vector<char> receive(int rank, int count, int from) {
    std::vector<char> bytes(static_cast<size_t>(count));
    if (shape_ == Shape::Ring) ranks_[rank]->ring->recv(bytes.data(), count, from, 1);
    else ranks_[rank]->mesh->recv(bytes.data(), count, from);
    return bytes;
  }

  std::vector<char> gather(int rank, const std::vector<char>& part) {
    std::vector<char> all(part.size() * static_cast<size_t>(size_));
    const auto count = static_cast<int64_t>(part.size());
    if (shape_ == Shape::Ring) ranks_[rank]->ring->all_gather(part.data(), all.data(), count, 1);
    else ranks_[rank]->mesh->all_gather(part.data(), all.data(), count, count);
    return all;
  }

 private:
  struct Rank {
    Rank(Shape shape, int size) : peers(static_cast<size_t>(size)), left(1), right(1) {
      for (int k = 0; k < BUFFER_SIZES; ++k) {
        const size_t bytes = FRAME_SIZE * (size_t{1} << k);
        if (shape == Shape::Ring) {
          for (int i = 0; i < NUM_BUFFERS * 2; ++i) buffers.emplace_back(bytes), more_buffers.emplace_back(bytes);
          continue;
        }
        for (int i = 0; i < NUM_BUFFERS * size; ++i) buffers.emplace_back(bytes);
        // Large enough for all sums here.
        for (int i = 0; i < NUM_BUFFERS * 2 * size; ++i) more_buffers.emplace_back(1);
      }
    }

    std::vector<jaccl::Connection> peers, left, right;
    std::vector<jaccl::SharedBuffer> buffers, more_buffers;
    std::unique_ptr<jaccl::MeshImpl> mesh;
    std::unique_ptr<jaccl::RingImpl> ring;
  };

  void connect(jaccl::Connection& a, jaccl::Connection& b) {
    auto* there = wires_.emplace_back(std::make_unique<jaccl::Wire>()).get();
    auto* back = wires_.emplace_back(std::make_unique<jaccl::Wire>()).get();
    a.ctx = b.ctx = this;
    a.has_ended = b.has_ended = &has_ended_;
    a.peer = &b;
    b.peer = &a;
    a.out = b.in = there;
    a.in = b.out = back;
  }

  Shape shape_;
  int size_;
  std::atomic<bool> has_ended_{false};
  std::vector<std::unique_ptr<jaccl::Wire>> wires_;
  std::vector<std::unique_ptr<Rank>> ranks_;
};

char mark_of(int step) { return static_cast<char>(step % 100 + 1); }

std::vector<char> filled(int count, char mark) { return std::vector<char>(static_cast<size_t>(count), mark); }

bool is_filled(const std::vector<char>& bytes, char mark) {
  return std::all_of(bytes.begin(), bytes.end(), [mark](char byte) { return byte == mark; });
}

/// One rank of a group. It sends and receives in the same order as RankGroup and StepLoop.
class SimulatedRank {
 public:
  SimulatedRank(Fabric& fabric, bool is_tensor_parallel, int rank, int size)
      : fabric_(fabric), is_tensor_parallel_(is_tensor_parallel), rank_(rank), size_(size) {
    const auto streams = choose_message_streams(Backend::Jaccl, is_tensor_parallel, size);
    if (streams.has_own_for_plans) own_for_plans_.emplace();
  }

  int wrong() const { return wrong_; }
  int done() const { return done_; }
  void die_at(int step) { dies_at_ = step; }
  /// Makes the rank pause for a second in this step.
  void pause_at(int step) { pauses_at_ = step; }

  /// Returns when all steps are done, or when this rank dies or its process ends.
  void run() {
    try {
      if (rank_ == 0) plan_steps();
      else follow_steps();
    } catch (const std::runtime_error&) {
      has_ended_ = true;
    }
  }
  bool has_ended() const { return has_ended_; }

 private:
  Stream& plans() { return own_for_plans_ ? *own_for_plans_ : hidden_; }
  int towards() const { return (rank_ + size_ - 1) % size_; }
  int from() const { return (rank_ + 1) % size_; }

  /// Queues a plan. Only in a tensor-parallel group does the sender not wait for it.
  void send_plan(int step) {
    auto sent = plans().add([&, step] { fabric_.send(rank_, filled(kPlanBytes, mark_of(step)), towards()); });
    if (is_tensor_parallel_) sending_.push_back(std::move(sent));
    else sent.get();
    while (sending_.size() > 4) {
      sending_.front().get();
      sending_.pop_front();
    }
  }

  void plan_steps() {
    const size_t most_in_flight = is_tensor_parallel_ ? 2 : static_cast<size_t>(size_);
    std::deque<std::future<void>> in_flight;
    for (int step = 0; step < kSteps; ++step) {
      if (step == dies_at_) return;
      send_plan(step);
      in_flight.push_back(hidden_.add([&, step] { is_tensor_parallel_ ? sum(step) : receive_hidden(step); }));
      if (in_flight.size() < most_in_flight) continue;
      in_flight.front().get();
      in_flight.pop_front();
    }
    for (auto& step : in_flight) step.get();
  }

  void follow_steps() {
    std::future<void> before;
    for (int step = 0; step < kSteps; ++step) {
      hidden_.add([&, step] { check(fabric_.receive(rank_, kPlanBytes, from()), step); }).get();
      if (step == dies_at_) return;
      if (step == pauses_at_) std::this_thread::sleep_for(std::chrono::seconds(1));
      if (rank_ > 1) send_plan(step);
      if (is_tensor_parallel_) {
        auto next = hidden_.add([&, step] { sum(step); });
        if (before.valid()) before.get();
        before = std::move(next);
        continue;
      }
      const bool is_first_stage = rank_ == size_ - 1;
      hidden_
          .add([&, step] {
            if (!is_first_stage) receive_hidden(step);
            std::this_thread::sleep_for(std::chrono::microseconds(step % 7 * 40));
            fabric_.send(rank_, filled(kHiddenBytes, mark_of(step)), towards());
          })
          .get();
      ++done_;
    }
    if (before.valid()) before.get();
  }

  void receive_hidden(int step) {
    check(fabric_.receive(rank_, kHiddenBytes, from()), step);
    if (rank_ == 0) ++done_;
  }

  /// The two sums of a tensor-parallel layer. The parts are gathered here.
  void sum(int step) {
    for (int layer = 0; layer < 2; ++layer) check(fabric_.gather(rank_, filled(kPlanBytes, mark_of(step))), step);
    ++done_;
  }

  void check(const std::vector<char>& bytes, int step) {
    if (!is_filled(bytes, mark_of(step))) ++wrong_;
  }

  Fabric& fabric_;
  bool is_tensor_parallel_;
  int rank_;
  int size_;
  int dies_at_ = -1, pauses_at_ = -1;
  std::atomic<int> wrong_{0}, done_{0};
  std::atomic<bool> has_ended_{false};
  std::deque<std::future<void>> sending_;
  std::optional<Stream> own_for_plans_;
  Stream hidden_;
};

/// The ranks of one group, each on its own thread.
class Group {
 public:
  Group(Shape shape, bool is_tensor_parallel, int size) : fabric_(shape, size) {
    for (int rank = 0; rank < size; ++rank) ranks_.push_back(std::make_unique<SimulatedRank>(fabric_, is_tensor_parallel, rank, size));
  }

  SimulatedRank& rank(int number) { return *ranks_[static_cast<size_t>(number)]; }
  void start() {
    for (auto& rank : ranks_) runs_.push_back(std::async(std::launch::async, [&rank] { rank->run(); }));
  }
  bool is_running(int number) { return runs_[static_cast<size_t>(number)].wait_for(std::chrono::seconds(0)) != std::future_status::ready; }

  void await_all() {
    const auto until = std::chrono::steady_clock::now() + kLimit;
    for (auto& run : runs_) {
      if (run.wait_until(until) == std::future_status::ready) continue;
      // The threads spin in JACCL, so only the end of the process stops them.
      std::cout << "FAILED a group of " << ranks_.size() << " hangs after " << ranks_[0]->done() << " of " << kSteps << " steps"
                << std::endl;
      std::_Exit(1);
    }
  }

  void check_all_done() {
    await_all();
    for (auto& rank : ranks_) {
      CHECK_EQUAL(rank->done(), kSteps);
      CHECK_EQUAL(rank->wrong(), 0);
    }
  }

  /// Waits until no rank has done a step for a while.
  void await_standstill() {
    const auto done = [this] {
      int sum = 0;
      for (const auto& rank : ranks_) sum += rank->done();
      return sum;
    };
    for (int before = -1; before != done();) {
      before = done();
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  }

  void end() { fabric_.end(); }

 private:
  Fabric fabric_;
  std::vector<std::unique_ptr<SimulatedRank>> ranks_;
  std::vector<std::future<void>> runs_;
};

void run_group(Shape shape, bool is_tensor_parallel, int size) {
  Group group(shape, is_tensor_parallel, size);
  group.start();
  group.check_all_done();
}

/// The step in which a rank dies or pauses.
constexpr int kFaultyStep = 100;

void check_death(Shape shape, bool is_tensor_parallel, int size, int dying) {
  Group group(shape, is_tensor_parallel, size);
  group.rank(dying).die_at(kFaultyStep);
  group.start();
  group.await_standstill();
  int waiting = 0;
  for (int rank = 0; rank < size; ++rank) {
    // No rank takes what was left in its buffers for a step of the dead rank.
    CHECK_EQUAL(group.rank(rank).wrong(), 0);
    CHECK(group.rank(rank).done() <= kFaultyStep + size);
    waiting += group.is_running(rank);
  }
  // JACCL does not notice the death. The node that hears of it ends the processes of the other ranks.
  CHECK_EQUAL(waiting, size - 1);
  group.end();
  group.await_all();
  for (int rank = 0; rank < size; ++rank) CHECK_EQUAL(group.rank(rank).has_ended(), rank != dying);
}

TEST("a pipeline over JACCL's mesh runs ahead without a wrong or a lost message") {
  for (const int size : {2, 3, 4}) run_group(Shape::Mesh, false, size);
}

TEST("a pipeline over JACCL's ring runs ahead without a wrong or a lost message") {
  for (const int size : {2, 3, 4}) run_group(Shape::Ring, false, size);
}

TEST("tensor parallelism over JACCL's mesh and ring runs ahead and mixes no plan with a sum") {
  for (const int size : {2, 3, 4}) {
    run_group(Shape::Mesh, true, size);
    run_group(Shape::Ring, true, size);
  }
}

TEST("ranks over JACCL wait for a dead rank until their processes are ended, and compute nothing wrong meanwhile") {
  for (const auto shape : {Shape::Mesh, Shape::Ring}) {
    for (const int size : {2, 3}) {
      for (int dying = 0; dying < size; ++dying) {
        check_death(shape, false, size, dying);
        check_death(shape, true, size, dying);
      }
    }
  }
}

TEST("ranks over JACCL wait for a living rank that pauses, and lose nothing") {
  for (const auto shape : {Shape::Mesh, Shape::Ring}) {
    Group group(shape, false, 3);
    group.rank(2).pause_at(kFaultyStep);
    group.start();
    group.check_all_done();
  }
}

TEST("over the TCP ring plans never wait for hidden states, and follow the sums of the step before") {
  for (const int size : {2, 3, 4}) {
    CHECK(choose_message_streams(Backend::Ring, false, size).has_own_for_plans);
    CHECK(!choose_message_streams(Backend::Ring, true, size).has_own_for_hidden);
    CHECK(!choose_message_streams(Backend::Ring, true, size).has_own_for_plans);
  }
}

}  // namespace
}  // namespace exo

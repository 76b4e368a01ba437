#include "thread_pool.h"

#include <exception>
#include <mutex>

#include "../thread_urgency.h"

namespace exo {

namespace {

/// About 30 microseconds.
constexpr int kAwakeTurns = 1000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; ++i) {
    helpers_.emplace_back([this] {
      make_thread_urgent();
      help();
    });
  }
}

ThreadPool::~ThreadPool() {
  is_stopping_ = true;
  round_.fetch_add(1);
  round_.notify_all();
  for (auto& helper : helpers_) helper.join();
}

void ThreadPool::run(int64_t count, const std::function<void(int64_t)>& task) {
  if (count <= 0) return;
  if (count == 1 || helpers_.empty()) {
    for (int64_t i = 0; i < count; ++i) task(i);
    return;
  }
  // The old round is closed first. Otherwise a late thread could check a ticket of the old round against the new
  // round's count.
  ticket_.store(0);
  task_ = &task;
  finished_.store(0);
  count_.store(static_cast<uint32_t>(count));
  const uint32_t round = round_.load() + 1;
  ticket_.store(static_cast<uint64_t>(round) << 32);
  round_.store(round);
  if (sleepers_.load() > 0) round_.notify_all();
  while (take_one(round)) {
  }
  for (int turns = 0; finished_.load(std::memory_order_acquire) != static_cast<uint32_t>(count); ++turns) {
    if (turns < kAwakeTurns) pause_briefly();
    else std::this_thread::yield();
  }
}

bool ThreadPool::take_one(uint64_t round) {
  uint64_t ticket = ticket_.load();
  for (;;) {
    if (ticket >> 32 != round) return false;
    const uint32_t index = static_cast<uint32_t>(ticket);
    if (index >= count_.load()) return false;
    if (ticket_.compare_exchange_weak(ticket, ticket + 1)) {
      // The caller waits until this task is counted, so task_ is still that of this round.
      (*task_)(index);
      finished_.fetch_add(1, std::memory_order_release);
      return true;
    }
  }
}

void ThreadPool::help() {
  uint32_t seen = 0;
  while (!is_stopping_) {
    uint32_t round = round_.load();
    for (int turns = 0; round == seen && turns < kAwakeTurns; ++turns) {
      pause_briefly();
      round = round_.load();
    }
    if (round == seen) {
      sleepers_.fetch_add(1);
      round_.wait(seen);
      sleepers_.fetch_sub(1);
      continue;
    }
    seen = round;
    while (!is_stopping_ && take_one(round)) {
    }
  }
}

void run_to_end(ThreadPool& pool, int64_t count, const std::function<void(int64_t)>& task) {
  std::mutex mutex;
  std::exception_ptr failure;
  pool.run(count, [&](int64_t index) {
    try {
      task(index);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace exo

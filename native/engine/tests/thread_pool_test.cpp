#include "../kernels/thread_pool.h"

#include <atomic>
#include <stdexcept>

#include "test.h"

using namespace exo;

TEST("every task of every round runs once, whatever the number of threads") {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 2000; ++round) {
      const int count = round % 17;
      std::vector<std::atomic<int>> runs(17);
      pool.run(count, [&](int64_t task) { ++runs[static_cast<size_t>(task)]; });
      for (int task = 0; task < 17; ++task) CHECK_EQUAL(runs[static_cast<size_t>(task)].load(), task < count ? 1 : 0);
    }
  }
}

TEST("a pool wakes again after its threads went to sleep") {
  ThreadPool pool(3);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::atomic<int> runs{0};
    pool.run(30, [&](int64_t) { ++runs; });
    CHECK_EQUAL(runs.load(), 30);
  }
}

TEST("an error of one task is thrown when all tasks have ended") {
  ThreadPool pool(3);
  std::atomic<int> runs{0};
  bool has_thrown = false;
  try {
    run_to_end(pool, 30, [&](int64_t task) {
      ++runs;
      if (task == 7) throw std::runtime_error("task 7");
    });
  } catch (const std::runtime_error&) {
    has_thrown = true;
  }
  CHECK(has_thrown);
  CHECK_EQUAL(runs.load(), 30);
}

#include "../grammar/limited_thread.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "test.h"

using namespace exo;
using std::chrono::milliseconds;

TEST("what ends within its limit has run when the call returns") {
  LimitedThread thread;
  int runs = 0;
  for (int i = 0; i < 1000; ++i) CHECK(thread.run(milliseconds(10'000), [&] { ++runs; }));
  CHECK_EQUAL(runs, 1000);
}

TEST("what takes too long is left alone, and the next task runs") {
  LimitedThread thread;
  const auto may_end = std::make_shared<std::atomic<bool>>(false);
  const auto has_ended = std::make_shared<std::atomic<bool>>(false);
  CHECK(!thread.run(milliseconds(20), [may_end, has_ended] {
    while (!*may_end) std::this_thread::sleep_for(milliseconds(1));
    *has_ended = true;
  }));
  CHECK(thread.run(milliseconds(10'000), [] {}));
  *may_end = true;
  while (!*has_ended) std::this_thread::sleep_for(milliseconds(1));
}

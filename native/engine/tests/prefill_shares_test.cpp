#include "../schedule/prefill_shares.h"

#include <numeric>
#include <random>

#include "test.h"

using namespace exo;

namespace {

std::vector<int32_t> shares(std::vector<int32_t> left, int32_t chunk) { return prefill_shares(left, chunk); }

}  // namespace

TEST("a prompt alone gets the whole chunk, or what it needs of it") {
  CHECK_EQUAL(shares({1000}, 512), {512});
  CHECK_EQUAL(shares({100}, 512), {100});
  CHECK_EQUAL(shares({}, 512), std::vector<int32_t>{});
}

TEST("a short prompt need not wait for a long one that came before it, nor a long one for ever") {
  CHECK_EQUAL(shares({5000, 30}, 512), {482, 30});
  CHECK_EQUAL(shares({5000, 400}, 512), {256, 256});
  CHECK_EQUAL(shares({5000, 300, 200}, 512), {256, 56, 200});
}

TEST("equal prompts go one after the other, so that the first need not wait for the last") {
  CHECK_EQUAL(shares({512, 512, 512}, 512), {512, 0, 0});
}

TEST("the chunk is always used up, and no prompt gets more than it has") {
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    std::vector<int32_t> left(1 + random() % 8);
    for (auto& tokens : left) tokens = 1 + static_cast<int32_t>(random() % 300);
    const int32_t chunk = 1 + static_cast<int32_t>(random() % 600);
    const auto given = prefill_shares(left, chunk);
    CHECK_EQUAL(std::accumulate(given.begin(), given.end(), 0), std::min(chunk, std::accumulate(left.begin(), left.end(), 0)));
    CHECK(given[0] > 0);
    for (size_t i = 0; i < left.size(); ++i) CHECK(given[i] >= 0 && given[i] <= left[i]);
  }
}

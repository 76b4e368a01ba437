#include "../schedule/step_plan.h"

#include <random>

#include "test.h"

using namespace exo;

namespace {

StepPlan random_plan(std::mt19937& random) {
  const auto below = [&](int limit) { return static_cast<int32_t>(random() % static_cast<unsigned>(limit)); };
  StepPlan plan;
  plan.is_last = below(2) == 1;
  for (int i = below(4); i > 0; --i) plan.kept.push_back({below(8), below(100), below(1000)});
  for (int i = below(4); i > 0; --i) plan.released.push_back(below(8));
  for (int i = below(4); i > 0; --i) plan.dropped.push_back(below(1000));
  for (int i = below(3); i > 0; --i) plan.kept_states.push_back({below(8), below(100), below(1000)});
  for (int i = below(3); i > 0; --i) plan.dropped_states.push_back(below(1000));
  for (int i = below(3); i > 0; --i) {
    PlanShare share{below(8), below(100), {}};
    for (int block = below(5); block > 0; --block) share.blocks.push_back(below(1000));
    share.state = below(10) - 1;
    plan.shared.push_back(std::move(share));
  }
  for (int i = below(6); i > 0; --i) {
    const PlanSegment segment{below(8), below(5000), 1 + below(40), static_cast<SegmentOutput>(below(3))};
    plan.segments.push_back(segment);
    for (int token = 0; token < segment.tokens; ++token) plan.tokens.push_back(below(50000) - 8);
  }
  return plan;
}

}  // namespace

TEST("a plan comes back from its numbers as it was") {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const auto plan = random_plan(random);
    CHECK(decode_plan(encode_plan(plan)) == plan);
  }
}

TEST("numbers that were cut off, lengthened or spoilt are refused, never read beyond") {
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    auto numbers = encode_plan(random_plan(random));
    for (size_t size = 0; size < numbers.size(); ++size) CHECK_THROWS(std::invalid_argument, decode_plan(std::span(numbers).first(size)));
    numbers.push_back(0);
    CHECK_THROWS(std::invalid_argument, decode_plan(numbers));
    numbers.pop_back();
    numbers[random() % numbers.size()] = static_cast<int32_t>(random());
    try {
      decode_plan(numbers);
    } catch (const std::invalid_argument&) {
    }
  }
}

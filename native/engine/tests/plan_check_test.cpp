#include "../schedule/plan_check.h"

#include <random>

#include "test.h"

using namespace exo;

namespace {

constexpr PlanLimits kLimits{4, 256, 100};

StepPlan prompt(int32_t slot, int32_t position, int32_t tokens, int32_t token = 5) {
  StepPlan plan;
  plan.segments.push_back({slot, position, tokens, SegmentOutput::Last});
  plan.tokens.assign(static_cast<size_t>(tokens), token);
  return plan;
}

void accept(std::initializer_list<StepPlan> plans) {
  PlanCheck check(kLimits);
  for (const auto& plan : plans) check.accept(plan);
}

StepPlan keep(PlanKeep order) {
  StepPlan plan;
  plan.kept.push_back(order);
  return plan;
}

StepPlan share(PlanShare order) {
  StepPlan plan;
  plan.shared.push_back(std::move(order));
  return plan;
}

}  // namespace

TEST("B1: a plan whose numbers lie within the rank's room is followed") {
  accept({prompt(0, 0, 128), keep({0, 1, 77}), prompt(0, 128, 1), prompt(0, 120, 9), keep({0, 0, 78}), share({3, 0, {78, 77}}),
          prompt(3, 128, 128)});
}

TEST("B1: a token that is not in the vocabulary is refused") {
  for (const int32_t token : {-1, 100, 2147483647}) CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 1, token)}));
}

TEST("B1: a token that the step before draws is only taken by ranks that run ahead, and not in the first step") {
  const auto run = [](int32_t token, bool is_first) {
    PlanCheck check(kLimits);
    if (!is_first) check.accept(prompt(0, 0, 1), true);
    check.accept(prompt(0, is_first ? 0 : 1, 1, token), true);
  };
  for (const int32_t token : {-1, -4}) run(token, false);
  for (const int32_t token : {-5, -2147483647, 100}) CHECK_THROWS(std::invalid_argument, run(token, false));
  CHECK_THROWS(std::invalid_argument, run(-1, true));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 1), prompt(0, 1, 1, -1)}));
}

TEST("B1: a sequence without a place, beyond the context, with a gap or twice is refused") {
  CHECK_THROWS(std::invalid_argument, accept({prompt(4, 0, 1)}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(-1, 0, 1)}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 257)}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 1, 1)}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 2147483647, 1)}));
  auto twice = prompt(0, 0, 1);
  twice.segments.push_back(twice.segments[0]);
  CHECK_THROWS(std::invalid_argument, accept({twice}));
}

TEST("B1: states are kept only where a sequence has been, and shared only if they are kept") {
  StepPlan kept, dropped;
  kept.kept_states = {{0, 1, 5}};
  dropped.dropped_states = {5};
  accept({prompt(0, 0, 64), keep({0, 0, 7}), kept, share({1, 0, {7}, 5})});
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 63), kept}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 0, 7}), share({1, 0, {7}, 5})}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 0, 7}), kept, dropped, share({1, 0, {7}, 5})}));
}

TEST("B1: blocks that are not there are neither kept nor shared") {
  CHECK_THROWS(std::invalid_argument, accept({keep({0, 0, 1})}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 1, 1})}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 2147483647, 1})}));
  CHECK_THROWS(std::invalid_argument, accept({share({0, 0, {1}})}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 0, 1}), share({1, 1, {1}})}));
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 0, 1}), share({1, 0, {1, 1, 1, 1, 1}})}));
  StepPlan released;
  released.released.push_back(0);
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), released, keep({0, 0, 1})}));
  StepPlan dropped;
  dropped.dropped.push_back(1);
  CHECK_THROWS(std::invalid_argument, accept({prompt(0, 0, 64), keep({0, 0, 1}), dropped, share({1, 0, {1}})}));
}

TEST("B1: whatever is made of a plan's numbers is refused or stays within the rank's room") {
  std::mt19937 random(3);
  const std::vector<std::vector<int32_t>> seeds{encode_plan(prompt(0, 0, 64)), encode_plan(keep({0, 0, 1})),
                                                encode_plan(share({1, 0, {1}})), encode_plan(prompt(1, 64, 3))};
  const int32_t edges[] = {-2147483647 - 1, -1, 0, 1, 2, 3, 4, 63, 64, 65, 99, 100, 255, 256, 257, 2147483647};
  int followed = 0;
  for (int round = 0; round < 100'000; ++round) {
    PlanCheck check(kLimits);
    try {
      for (const auto& seed : seeds) {
        auto numbers = seed;
        for (auto changes = random() % 3; changes > 0; --changes) {
          const auto at = random() % numbers.size();
          switch (random() % 4) {
            case 0: numbers[at] = edges[random() % std::size(edges)]; break;
            case 1: numbers[at] = static_cast<int32_t>(random()); break;
            case 2: numbers.erase(numbers.begin() + static_cast<ptrdiff_t>(at)); break;
            default: numbers.insert(numbers.begin() + static_cast<ptrdiff_t>(at), edges[random() % std::size(edges)]);
          }
          if (numbers.empty()) numbers.push_back(0);
        }
        const auto plan = decode_plan(numbers);
        check.accept(plan);
        ++followed;
        for (const auto& segment : plan.segments)
          CHECK(segment.slot < kLimits.slots && int64_t{segment.position} + segment.tokens <= kLimits.context_tokens);
        for (const auto token : plan.tokens) CHECK(token >= 0 && token < kLimits.vocab_size);
        CHECK(static_cast<int64_t>(numbers.size()) <= kLimits.most_numbers());
      }
    } catch (const std::invalid_argument&) {
    }
  }
  CHECK(followed > 10'000);
}

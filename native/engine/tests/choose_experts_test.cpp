#include "../model/choose_experts.h"

#include <cmath>

#include "test.h"

using namespace exo;

namespace {

RouterSpec rule(int32_t chosen, Scoring scoring, bool is_normalized) {
  RouterSpec router;
  router.chosen = chosen, router.scoring = scoring, router.is_normalized = is_normalized;
  return router;
}

std::vector<int32_t> experts_of(const std::vector<ExpertChoice>& choices) {
  std::vector<int32_t> experts;
  for (const auto& choice : choices) experts.push_back(choice.expert);
  return experts;
}

std::vector<ExpertChoice> choose(const RouterSpec& router, std::vector<float> logits, const std::vector<float>& correction = {}) {
  std::vector<ExpertChoice> choices(static_cast<size_t>(router.chosen));
  choose_experts(router, logits.data(), static_cast<int64_t>(logits.size()), correction.empty() ? nullptr : correction.data(),
                 choices.data());
  return choices;
}

bool is_near(float a, double b) { return std::abs(a - b) < 1e-6; }

}  // namespace

TEST("a normalized softmax over all experts weighs the chosen ones as a softmax over them") {
  const auto choices = choose(rule(2, Scoring::Softmax, true), {1, 3, -2, 2});
  CHECK_EQUAL(experts_of(choices), {1, 3});
  CHECK(is_near(choices[0].weight, 1 / (1 + std::exp(-1.0))) && is_near(choices[1].weight, 1 / (1 + std::exp(1.0))));
  const auto plain = choose(rule(2, Scoring::Softmax, false), {1, 3, -2, 2});
  const double sum = std::exp(1.0) + std::exp(3.0) + std::exp(-2.0) + std::exp(2.0);
  CHECK(is_near(plain[0].weight, std::exp(3.0) / sum));
}

TEST("a correction moves the choice of experts and not their weights") {
  const auto choices = choose(rule(1, Scoring::Sigmoid, false), {0, 2, 1}, {1, 0, 0.05f});
  CHECK_EQUAL(experts_of(choices), {0});
  CHECK(is_near(choices[0].weight, 0.5));
}

TEST("experts outside the best groups are chosen last") {
  auto router = rule(2, Scoring::Sigmoid, true);
  router.groups = 3, router.groups_kept = 1, router.scale = 2.5f;
  // Group 1 has the best pair, although group 0 has the best expert.
  const auto choices = choose(router, {4, -9, 1, 2, 0, 0});
  CHECK_EQUAL(experts_of(choices), {3, 2});
  CHECK(is_near(choices[0].weight + choices[1].weight, 2.5));
}

TEST("of equal experts the first are chosen") {
  CHECK_EQUAL(experts_of(choose(rule(3, Scoring::Softmax, true), {1, 1, 1, 1, 1})), {0, 1, 2});
}

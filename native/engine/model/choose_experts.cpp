#include "choose_experts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace exo {

namespace {

void softmax(float* values, int64_t count) {
  const float largest = *std::max_element(values, values + count);
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += values[i] = std::exp(values[i] - largest);
  for (int64_t i = 0; i < count; ++i) values[i] /= sum;
}

/// Sets the scores of experts outside the best groups to 0. A group's score is its best expert or the sum of its two
/// best.
void keep_best_groups(std::vector<float>& ranks, int32_t groups, int32_t groups_kept, bool is_group_best) {
  const size_t size = ranks.size() / static_cast<size_t>(groups);
  std::vector<float> scores(static_cast<size_t>(groups));
  for (size_t group = 0; group < scores.size(); ++group) {
    float best[2];
    std::partial_sort_copy(ranks.begin() + static_cast<int64_t>(group * size), ranks.begin() + static_cast<int64_t>((group + 1) * size),
                           best, best + 2, std::greater<>());
    scores[group] = is_group_best ? best[0] : best[0] + best[1];
  }
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  for (size_t place = static_cast<size_t>(groups_kept); place < order.size(); ++place)
    std::fill_n(ranks.begin() + static_cast<int64_t>(order[place] * size), size, 0.0f);
}

void choose_sparse_mixed(const RouterSpec& rule, const float* logits, int64_t experts, ExpertChoice* to) {
  constexpr float kLeast = -std::numeric_limits<float>::infinity();
  std::vector<float> left(logits, logits + experts), near(left.size());
  for (int32_t place = 0; place < rule.chosen; ++place) {
    const auto best = std::max_element(left.begin(), left.end());
    for (size_t i = 0; i < left.size(); ++i) {
      const float below = (*best - logits[i]) / std::max(std::abs(logits[i]), *best);
      near[i] = below > 2 * rule.jitter ? kLeast : left[i];
    }
    softmax(near.data(), experts);
    const auto chosen = best - left.begin();
    to[place] = {static_cast<int32_t>(chosen), near[static_cast<size_t>(chosen)]};
    left[static_cast<size_t>(chosen)] = kLeast;
  }
}

}  // namespace

float softplus(float x) { return std::max(x, 0.0f) + std::log1p(std::exp(-std::abs(x))); }

void choose_experts(const RouterSpec& rule, float* logits, int64_t experts, const float* correction, ExpertChoice* to) {
  float* scores = logits;
  if (rule.logit_cap > 0) {
    for (int64_t i = 0; i < experts; ++i) scores[i] = rule.logit_cap * std::tanh(scores[i] / rule.logit_cap);
  }
  switch (rule.scoring) {
    case Scoring::SparseMixer: return choose_sparse_mixed(rule, scores, experts, to);
    case Scoring::Softmax:
    case Scoring::SoftmaxOfChosen: softmax(scores, experts); break;
    case Scoring::SqrtSoftplus:
      for (int64_t i = 0; i < experts; ++i) scores[i] = std::sqrt(softplus(scores[i]));
      break;
    case Scoring::Sigmoid:
      for (int64_t i = 0; i < experts; ++i) scores[i] = 1 / (1 + std::exp(-scores[i]));
      break;
  }
  std::vector<float> ranks(scores, scores + experts);
  for (int64_t i = 0; correction && i < experts; ++i) ranks[static_cast<size_t>(i)] += correction[i];
  if (rule.groups_kept < rule.groups) keep_best_groups(ranks, rule.groups, rule.groups_kept, rule.is_group_best);
  std::vector<int32_t> order(static_cast<size_t>(experts));
  std::iota(order.begin(), order.end(), 0);
  const auto is_better = [&](int32_t a, int32_t b) {
    return ranks[static_cast<size_t>(a)] != ranks[static_cast<size_t>(b)] ? ranks[static_cast<size_t>(a)] > ranks[static_cast<size_t>(b)]
                                                                          : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + rule.chosen, order.end(), is_better);
  float sum = 0;
  for (int32_t i = 0; i < rule.chosen; ++i) {
    to[i] = {order[static_cast<size_t>(i)], scores[order[static_cast<size_t>(i)]]};
    sum += to[i].weight;
  }
  const float factor = rule.is_normalized || rule.scoring == Scoring::SoftmaxOfChosen ? rule.scale / sum : rule.scale;
  for (int32_t i = 0; i < rule.chosen; ++i) to[i].weight *= factor;
}

}  // namespace exo

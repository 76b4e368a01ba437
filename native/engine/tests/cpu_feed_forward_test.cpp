#include "../model/cpu/cpu_feed_forward.h"

#include <cmath>
#include <random>

#include "test_file.h"

using namespace exo;
using test::append;
using test::tensor;

namespace {

constexpr int64_t kHidden = 48, kWidth = 40, kExperts = 5;

/// A layer with experts and a shared expert, and its weights.
struct Layer {
  FeedForwardSpec spec;
  std::vector<char> bytes;

  std::vector<float> add(std::mt19937& random, MatrixSource& source, int64_t rows, int64_t columns) {
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(columns)));
    std::vector<float> values(static_cast<size_t>(rows * columns));
    for (auto& value : values) value = normal(random);
    source.weight = tensor(StoredType::Float32, append(bytes, values), rows, columns);
    return values;
  }
};

std::vector<float> product(const std::vector<float>& weight, const float* x, int64_t rows, int64_t columns) {
  std::vector<float> y(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < columns; ++k) y[static_cast<size_t>(row)] += weight[static_cast<size_t>(row * columns + k)] * x[k];
  }
  return y;
}

struct Weights {
  std::vector<float> gate, up, down;

  std::vector<float> run(const float* x) const {
    auto gated = product(gate, x, kWidth, kHidden);
    const auto linear = product(up, x, kWidth, kHidden);
    for (size_t i = 0; i < gated.size(); ++i) gated[i] = gated[i] / (1 + std::exp(-gated[i])) * linear[i];
    return product(down, gated.data(), kHidden, kWidth);
  }
};

}  // namespace

TEST("experts and shared experts add up, and a row's result does not depend on the rows beside it") {
  std::mt19937 random(7);
  Layer layer;
  GatedSource shared{LinearSource(2), LinearSource(1)};
  ExpertsSpec experts;
  experts.router.chosen = 2, experts.router.is_normalized = true;
  experts.gate.resize(kExperts), experts.up.resize(kExperts), experts.down.resize(kExperts);
  const auto router = layer.add(random, experts.router.weight, kExperts, kHidden);
  std::vector<Weights> weights;
  for (size_t i = 0; i < kExperts; ++i) {
    weights.push_back({layer.add(random, experts.gate[i], kWidth, kHidden), layer.add(random, experts.up[i], kWidth, kHidden),
                       layer.add(random, experts.down[i], kHidden, kWidth)});
  }
  const Weights always{layer.add(random, shared.gate_up[0], kWidth, kHidden), layer.add(random, shared.gate_up[1], kWidth, kHidden),
                       layer.add(random, shared.down[0], kHidden, kWidth)};
  layer.spec = {Activation::Silu, shared, experts};
  const test::TestFile file(layer.bytes);
  WeightReader reader({file.path()}, nullptr);
  ThreadPool pool(2);
  const CpuFeedForward feed_forward(layer.spec, reader, pool, false);

  constexpr int64_t kRows = 9;
  std::normal_distribution<float> normal;
  std::vector<float> x(kRows * kHidden), together(x.size());
  for (auto& value : x) value = normal(random);
  CpuFeedForward::Space space;
  feed_forward.run(space, x.data(), kRows, kHidden, together.data(), nullptr);
  for (int64_t row = 0; row < kRows; ++row) {
    const float* input = x.data() + row * kHidden;
    auto logits = product(router, input, kExperts, kHidden);
    ExpertChoice choices[2];
    choose_experts(experts.router, logits.data(), kExperts, nullptr, choices);
    auto expected = always.run(input);
    for (const auto& [expert, weight] : choices) {
      const auto part = weights[static_cast<size_t>(expert)].run(input);
      for (size_t i = 0; i < expected.size(); ++i) expected[i] += weight * part[i];
    }
    std::vector<float> alone(kHidden, 1.0f);
    feed_forward.run(space, input, 1, kHidden, alone.data(), nullptr);
    for (size_t i = 0; i < kHidden; ++i) {
      CHECK(std::abs(alone[i] - expected[i]) < 1e-5f);
      CHECK_EQUAL(together[static_cast<size_t>(row * kHidden) + i], alone[i]);
    }
  }
}

#include "cpu_feed_forward.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../activation_numbers.h"
#include "../../kernels/for_rows.h"

namespace exo {

namespace {

using namespace activation_numbers;

float gelu_tanh(float x) { return 0.5f * x * (1 + std::tanh(kGeluRoot * (x + kGeluCubic * x * x * x))); }

float limited_silu(float gate, float up, float limit) {
  const float activated = gate / (1 + std::exp(-gate));
  return limit > 0 ? std::min(activated, limit) * std::clamp(up, -limit, limit) : activated * up;
}

float silu_of_limited(float gate, float up, float limit) {
  if (limit > 0) gate = std::min(gate, limit), up = std::clamp(up, -limit, limit);
  return gate / (1 + std::exp(-gate)) * up;
}

float situ(float gate, float up, float gate_bound, float up_bound) {
  const float factor = gate_bound * std::tanh(gate / gate_bound) / (1 + std::exp(-gate));
  return factor * (up_bound > 0 ? up_bound * std::tanh(up / up_bound) : up);
}

float clamped_swiglu(float gate, float up, float limit) {
  const float clamped = std::min(gate, limit), linear = std::clamp(up, -limit, limit);
  return (linear + 1) * (clamped / (1 + std::exp(-kClampedSlope * clamped)));
}

template <typename Number>
Number* sized(std::vector<Number>& buffer, int64_t count) {
  if (static_cast<int64_t>(buffer.size()) < count) buffer.resize(static_cast<size_t>(count));
  return buffer.data();
}

}  // namespace

CpuFeedForward::CpuFeedForward(const FeedForwardSpec& spec, WeightReader& reader, ThreadPool& pool, bool dequantize)
    : pool_(pool), activation_(spec.activation), gate_bound_(spec.gate_bound), up_bound_(spec.up_bound) {
  const auto load = [&](const LinearSource& source) {
    CpuLinear linear(source, reader, pool, dequantize);
    resident_bytes_ += linear.resident_bytes();
    return linear;
  };
  if (spec.always) always_.emplace(Gated{load(spec.always->gate_up), load(spec.always->down)});
  always_limit_ = spec.always_limit;
  if (spec.always_gate) always_gate_.emplace(load({*spec.always_gate}));
  if (!spec.experts) return;
  const auto& source = *spec.experts;
  experts_.emplace(Experts{source.router, load({source.router.weight}), {}, {}, source.limit});
  if (source.router.correction) experts_->correction = reader.read_floats(*source.router.correction);
  for (size_t expert = 0; expert < source.gate.size(); ++expert) {
    experts_->each.push_back({load({source.gate[expert], source.up[expert]}), load({source.down[expert]})});
  }
}

void CpuFeedForward::run(Space& space, const float* x, int64_t rows, int64_t hidden, float* y, const float* residual) const {
  if (experts_) {
    run_experts(space, x, rows, hidden, y, residual);
    residual = y;
  }
  if (!always_) return;
  const int64_t width = always_->gate_up.outputs() / 2;
  float *gated = sized(space.gated, rows * width * 2), *activated = sized(space.activated, rows * width);
  always_->gate_up.multiply(x, rows, gated, nullptr);
  activate(gated, rows, width, always_limit_, activated);
  if (always_gate_) gate_always(space, x, rows, width, activated);
  always_->down.multiply(activated, rows, y, residual);
}

void CpuFeedForward::run_experts(Space& space, const float* x, int64_t rows, int64_t hidden, float* y, const float* residual) const {
  const auto count = static_cast<int64_t>(experts_->each.size());
  const int64_t chosen = experts_->rule.chosen, width = experts_->each[0].gate_up.outputs() / 2, pairs = rows * chosen;
  float* logits = sized(space.logits, rows * count);
  ExpertChoice* choices = sized(space.choices, pairs);
  experts_->router.multiply(x, rows, logits, nullptr);
  const float* correction = experts_->correction.empty() ? nullptr : experts_->correction.data();
  for_rows(pool_, rows, count * 8, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      choose_experts(experts_->rule, logits + row * count, count, correction, choices + row * chosen);
  });

  // Rows are sorted by expert, so that each expert's weights are read once.
  std::vector<int64_t> ends(static_cast<size_t>(count));
  for (int64_t pair = 0; pair < pairs; ++pair) ++ends[static_cast<size_t>(choices[pair].expert)];
  for (size_t expert = 1; expert < ends.size(); ++expert) ends[expert] += ends[expert - 1];
  int64_t* places = sized(space.places, pairs);
  for (int64_t pair = pairs - 1; pair >= 0; --pair) places[pair] = --ends[static_cast<size_t>(choices[pair].expert)];
  float *gathered = sized(space.gathered, pairs * hidden), *gated = sized(space.gated, pairs * width * 2);
  float *activated = sized(space.activated, pairs * width), *outputs = sized(space.outputs, pairs * hidden);
  for (int64_t pair = 0; pair < pairs; ++pair)
    std::memcpy(gathered + places[pair] * hidden, x + pair / chosen * hidden, static_cast<size_t>(hidden) * sizeof(float));

  std::vector<CpuLinear::Product> widen, narrow;
  for (int64_t expert = 0; expert < count; ++expert) {
    const int64_t begin = ends[static_cast<size_t>(expert)], end = expert + 1 < count ? ends[static_cast<size_t>(expert + 1)] : pairs;
    if (begin == end) continue;
    const Gated& weights = experts_->each[static_cast<size_t>(expert)];
    widen.push_back({&weights.gate_up, gathered + begin * hidden, end - begin, gated + begin * width * 2, nullptr});
    narrow.push_back({&weights.down, activated + begin * width, end - begin, outputs + begin * hidden, nullptr});
  }
  CpuLinear::multiply_all(widen, pool_);
  activate(gated, pairs, width, experts_->limit, activated);
  CpuLinear::multiply_all(narrow, pool_);
  for_rows(pool_, rows, chosen * hidden, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* to = y + row * hidden;
      if (!residual) std::fill_n(to, hidden, 0.0f);
      for (int64_t pair = row * chosen; pair < (row + 1) * chosen; ++pair) {
        const float* from = outputs + places[pair] * hidden;
        const float weight = choices[pair].weight;
        for (int64_t i = 0; i < hidden; ++i) to[i] += weight * from[i];
      }
    }
  });
}

void CpuFeedForward::gate_always(Space& space, const float* x, int64_t rows, int64_t width, float* activated) const {
  float* gates = sized(space.logits, rows);
  always_gate_->multiply(x, rows, gates, nullptr);
  for (int64_t row = 0; row < rows; ++row) {
    const float factor = 1 / (1 + std::exp(-gates[row]));
    for (int64_t i = 0; i < width; ++i) activated[row * width + i] *= factor;
  }
}

void CpuFeedForward::activate(const float* gated, int64_t rows, int64_t width, float limit, float* activated) const {
  const Kernels& kernels = host_kernels();
  for_rows(pool_, rows, width, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float *gate = gated + row * width * 2, *up = gate + width;
      float* to = activated + row * width;
      switch (activation_) {
        case Activation::Silu: kernels.silu_multiply(gate, up, to, width); break;
        case Activation::GeluTanh:
          for (int64_t i = 0; i < width; ++i) to[i] = gelu_tanh(gate[i]) * up[i];
          break;
        case Activation::LimitedSilu:
          for (int64_t i = 0; i < width; ++i) to[i] = limited_silu(gate[i], up[i], limit);
          break;
        case Activation::SiluOfLimited:
          for (int64_t i = 0; i < width; ++i) to[i] = silu_of_limited(gate[i], up[i], limit);
          break;
        case Activation::ReluSquared:
          for (int64_t i = 0; i < width; ++i) to[i] = std::max(up[i], 0.0f) * std::max(up[i], 0.0f);
          break;
        case Activation::ClampedSwiglu:
          for (int64_t i = 0; i < width; ++i) to[i] = clamped_swiglu(gate[i], up[i], limit > 0 ? limit : kClampedLimit);
          break;
        case Activation::Situ:
          for (int64_t i = 0; i < width; ++i) to[i] = situ(gate[i], up[i], gate_bound_, up_bound_);
          break;
      }
    }
  });
}

}  // namespace exo

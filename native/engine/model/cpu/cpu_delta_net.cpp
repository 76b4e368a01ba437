#include "cpu_delta_net.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace exo {

namespace {

/// Added to the sum of squares of a query or key before the square root.
constexpr float kUnitEpsilon = 1e-6f;

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }
float softplus_of(float x) { return x > 20 ? x : std::log1p(std::exp(x)); }

void scale_to_length(float* x, int64_t size, float length) {
  float squares = 0;
  for (int64_t i = 0; i < size; ++i) squares += x[i] * x[i];
  const float factor = length / std::sqrt(squares + kUnitEpsilon);
  for (int64_t i = 0; i < size; ++i) x[i] *= factor;
}

}  // namespace

CpuDeltaNet::CpuDeltaNet(const DeltaNetSpec& spec, int64_t layer, CpuDeltaNetVectors vectors, ThreadPool& pool)
    : spec_(spec), layer_(layer), vectors_(std::move(vectors)), pool_(pool) {
  // Transposed by token, so that neighbouring channels are contiguous.
  std::vector<float> turned(vectors_.convolution.size());
  for (int64_t channel = 0; channel < spec_.channels(); ++channel) {
    for (int64_t token = 0; token < spec_.kernel; ++token) {
      turned[static_cast<size_t>(token * spec_.channels() + channel)] =
          vectors_.convolution[static_cast<size_t>(channel * spec_.kernel + token)];
    }
  }
  vectors_.convolution = std::move(turned);
}

void CpuDeltaNet::run(const CpuStep& step, const float* projected, float* attended) const {
  struct Task {
    size_t segment;
    int64_t first_token, tokens, head;
  };
  std::vector<Task> tasks;
  int64_t first_token = 0;
  for (size_t segment = 0; segment < step.plan.segments.size(); ++segment) {
    const int64_t tokens = step.plan.segments[segment].tokens;
    for (int64_t head = 0; head < spec_.key_heads; ++head) tasks.push_back({segment, first_token, tokens, head});
    first_token += tokens;
  }
  pool_.run(static_cast<int64_t>(tasks.size()), [&](int64_t number) {
    const Task& task = tasks[static_cast<size_t>(number)];
    const auto& [before, after] = step.states[task.segment];
    const int64_t tokens = task.tokens / static_cast<int64_t>(after.size());
    const SequenceState* from = before.get();
    int64_t token = task.first_token;
    for (const auto& state : after) {
      if (state.get() != from) copy_head(from->of_layer(layer_), state->of_layer(layer_), task.head);
      run_head(state->of_layer(layer_), projected + token * stride(), tokens, task.head, attended + token * attended_width());
      from = state.get();
      token += tokens;
    }
  });
}

std::array<std::pair<int64_t, int64_t>, 3> CpuDeltaNet::channels_of(int64_t head) const {
  const int64_t key_dim = spec_.key_dim, served_width = spec_.value_width() / spec_.key_heads;
  return {{{head * key_dim, key_dim},
           {spec_.key_width() + head * key_dim, key_dim},
           {2 * spec_.key_width() + head * served_width, served_width}}};
}

void CpuDeltaNet::copy_head(const float* from, float* to, int64_t head) const {
  for (const auto& [first, count] : channels_of(head)) {
    for (int64_t i = 0; i < spec_.kernel - 1; ++i)
      std::copy_n(from + i * spec_.channels() + first, count, to + i * spec_.channels() + first);
  }
  const int64_t size = spec_.value_width() / spec_.key_heads * spec_.key_dim, begin = spec_.tail_numbers() + head * size;
  std::copy_n(from + begin, size, to + begin);
}

void CpuDeltaNet::run_head(float* kept, const float* projected, int64_t tokens, int64_t head, float* attended) const {
  const int64_t channels = spec_.channels(), key_dim = spec_.key_dim, value_dim = spec_.value_dim, earlier = spec_.kernel - 1;
  const int64_t served = spec_.value_heads / spec_.key_heads, served_width = served * value_dim;
  const auto parts = channels_of(head);
  const int64_t query_at = parts[0].first, key_at = parts[1].first, value_at = parts[2].first;
  const int64_t gate_at = channels + head * served_width, strength_at = channels + spec_.value_width() + head * served;
  const float root = 1 / std::sqrt(static_cast<float>(key_dim));
  float *tail = kept, *states = kept + spec_.tail_numbers() + head * served_width * key_dim;
  thread_local std::vector<float> query, key, values, change;
  thread_local std::vector<const float*> seen;
  query.resize(static_cast<size_t>(key_dim)), key.resize(static_cast<size_t>(key_dim));
  values.resize(static_cast<size_t>(served_width)), change.resize(static_cast<size_t>(value_dim));
  seen.resize(static_cast<size_t>(spec_.kernel));
  const auto inputs_at = [&](int64_t row) { return row < earlier ? tail + row * channels : projected + (row - earlier) * stride(); };
  for (int64_t token = 0; token < tokens; ++token) {
    for (int64_t i = 0; i < spec_.kernel; ++i) seen[static_cast<size_t>(i)] = inputs_at(token + i);
    convolve(seen, query_at, key_dim, query.data());
    convolve(seen, key_at, key_dim, key.data());
    convolve(seen, value_at, served_width, values.data());
    scale_to_length(query.data(), key_dim, root);
    scale_to_length(key.data(), key_dim, 1);
    const float* row = projected + token * stride();
    for (int64_t i = 0; i < served; ++i) {
      const auto value_head = static_cast<size_t>(head * served + i);
      const float strength = sigmoid(row[strength_at + i]),
                  step = row[strength_at + spec_.value_heads + i] + vectors_.step_bias[value_head];
      const float decay = std::exp(-std::exp(vectors_.decay_log[value_head]) * softplus_of(step));
      float* results = attended + token * attended_width() + head * served_width + i * value_dim;
      kernels_.delta_step({states + i * value_dim * key_dim, query.data(), key.data(), values.data() + i * value_dim, key_dim, value_dim,
                           decay, strength, change.data(), results});
      kernels_.rms_norm(results, vectors_.norm.data(), results, value_dim, spec_.epsilon);
      kernels_.silu_multiply(row + gate_at + i * value_dim, results, results, value_dim);
    }
  }
  // Only this head's channels: other tasks handle the others.
  for (const auto& [first, count] : parts) {
    for (int64_t i = 0; i < earlier; ++i) std::copy_n(inputs_at(tokens + i) + first, count, tail + i * channels + first);
  }
}

void CpuDeltaNet::convolve(const std::vector<const float*>& seen, int64_t first, int64_t count, float* y) const {
  std::fill_n(y, count, 0.0f);
  for (size_t token = 0; token < seen.size(); ++token) {
    const float *x = seen[token] + first, *weights = vectors_.convolution.data() + static_cast<int64_t>(token) * spec_.channels() + first;
    for (int64_t i = 0; i < count; ++i) y[i] += x[i] * weights[i];
  }
  for (int64_t i = 0; i < count; ++i) y[i] *= sigmoid(y[i]);
}

}  // namespace exo

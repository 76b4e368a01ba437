#include "cpu_attention.h"

#include <algorithm>
#include <cmath>

#include "../../kernels/for_rows.h"
#include "../../load/half_floats.h"
#include "../choose_experts.h"

namespace exo {

namespace {

template <typename N>
N narrowed(float x);

template <>
float narrowed(float x) {
  return x;
}

template <>
uint16_t narrowed(float x) {
  return bfloat16_bits(x);
}

}  // namespace

void CpuAttention::run(const CpuStep& step, float* projected, float* attended) const {
  rotate_and_keep(step, projected);
  // A task is a few query rows of one sequence that have the same key-value head.
  struct Task {
    int32_t segment;
    int32_t head;
    int64_t first_row, rows;
  };
  const int64_t group = spec_.heads / spec_.kv_heads;
  std::vector<Task> tasks;
  int32_t first_token = 0;
  for (size_t segment = 0; segment < step.plan.segments.size(); ++segment) {
    const int64_t segment_rows = step.plan.segments[segment].tokens * group;
    for (int64_t row = 0; row < segment_rows; row += kernels_.attention_rows) {
      for (int32_t head = 0; head < spec_.kv_heads; ++head) {
        tasks.push_back(
            {static_cast<int32_t>(segment), head, first_token * group + row, std::min(kernels_.attention_rows, segment_rows - row)});
      }
    }
    first_token += step.plan.segments[segment].tokens;
  }
  const int64_t stride_of_values = value_stride();
  pool_.run(static_cast<int64_t>(tasks.size()), [&](int64_t number) {
    const Task& task = tasks[static_cast<size_t>(number)];
    thread_local std::vector<float> queries, sinks;
    thread_local std::vector<int32_t> positions;
    thread_local std::vector<float*> outputs;
    thread_local std::vector<const void*> keys, values;
    queries.resize(static_cast<size_t>(task.rows * spec_.head_dim));
    positions.clear(), outputs.clear(), keys.clear(), values.clear(), sinks.clear();
    for (int64_t i = 0; i < task.rows; ++i) {
      const int64_t token = (task.first_row + i) / group, head = task.head * group + (task.first_row + i) % group;
      const float* from = projected + token * stride() + head * spec_.head_dim;
      const int32_t position = step.positions[static_cast<size_t>(token)];
      const float scale = spec_.growth.beta == 0 ? spec_.scale : spec_.scale * spec_.growth.at(position);
      for (int64_t d = 0; d < spec_.head_dim; ++d) queries[static_cast<size_t>(i * spec_.head_dim + d)] = from[d] * scale;
      positions.push_back(position);
      outputs.push_back(attended + (token * spec_.heads + head) * spec_.value_dim);
      if (!vectors_.sinks.empty()) sinks.push_back(vectors_.sinks[static_cast<size_t>(head)]);
    }
    for (const auto& page : step.pages[static_cast<size_t>(task.segment)][place_.sight]) {
      keys.push_back(page ? keys_of(*page, task.head) : nullptr);
      values.push_back(page ? values_of(*page, task.head) : nullptr);
    }
    kernels_.attention({queries.data(), task.rows, positions.data(), keys.data(), values.data(), is_half(), kPageTokens, spec_.head_dim,
                        spec_.value_dim, stride_of_values, spec_.window, spec_.soft_cap, sinks.empty() ? nullptr : sinks.data(),
                        outputs.data()});
  });
  if (spec_.gate != OutputGate::None) apply_gate(projected, step.token_count(), attended);
}

const void* CpuAttention::keys_of(const KvPage& page, int64_t head) const {
  return is_half() ? static_cast<const void*>(page.keys<uint16_t>(layer(), head)) : page.keys(layer(), head);
}

const void* CpuAttention::values_of(const KvPage& page, int64_t head) const {
  return is_half() ? static_cast<const void*>(page.values<uint16_t>(layer(), head)) : page.values(layer(), head);
}

template <typename N>
void CpuAttention::keep(const KvPage& page, int64_t head, int64_t within, const float* key, const float* value) const {
  const int64_t dim = spec_.head_dim;
  N* keys = page.keys<N>(layer(), head) + within / kPanelRows * dim * kPanelRows + within % kPanelRows;
  for (int64_t d = 0; d < dim; ++d) keys[d * kPanelRows] = narrowed<N>(key[d]);
  N* values = page.values<N>(layer(), head) + within * value_stride();
  for (int64_t d = 0; d < spec_.value_dim; ++d) values[d] = narrowed<N>(value[d] * spec_.value_scale);
}

void CpuAttention::apply_gate(const float* projected, int64_t rows, float* attended) const {
  for_rows(pool_, rows, attended_width(), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* gates = projected + row * stride() + gate_offset();
      float* results = attended + row * attended_width();
      for (int64_t i = 0; i < attended_width(); ++i) {
        switch (spec_.gate) {
          case OutputGate::None: break;
          case OutputGate::HeadSigmoid: results[i] /= 1 + std::exp(-gates[i / spec_.value_dim]); break;
          case OutputGate::HeadSoftplus: results[i] *= softplus(gates[i / spec_.value_dim]); break;
          case OutputGate::ElementSigmoid: results[i] /= 1 + std::exp(-gates[i]); break;
        }
      }
    }
  });
}

void CpuAttention::sum_squares(const float* projected, int64_t rows, float* sums) const {
  const auto sum = [](const float* x, int64_t size) {
    float squares = 0;
    for (int64_t i = 0; i < size; ++i) squares += x[i] * x[i];
    return squares;
  };
  for (int64_t row = 0; row < rows; ++row) {
    const float *queries = projected + row * stride(), *keys = queries + int64_t{spec_.heads} * spec_.head_dim;
    sums[2 * row] = sum(queries, int64_t{spec_.heads} * spec_.head_dim);
    sums[2 * row + 1] = sum(keys, int64_t{spec_.kv_heads} * spec_.head_dim);
  }
}

void CpuAttention::normalize_rows(float* projected, int64_t rows, const float* sums) const {
  const auto normalize = [&](float* x, const std::vector<float>& weight, float squares, int64_t width) {
    const float factor = 1 / std::sqrt(squares / static_cast<float>(width) + epsilon_);
    for (size_t i = 0; i < weight.size(); ++i) x[i] *= factor * weight[i];
  };
  for (int64_t row = 0; row < rows; ++row) {
    float *queries = projected + row * stride(), *keys = queries + int64_t{spec_.heads} * spec_.head_dim;
    normalize(queries, vectors_.query_norm, sums[2 * row], spec_.normed_query_width);
    normalize(keys, vectors_.key_norm, sums[2 * row + 1], spec_.normed_key_width);
  }
}

void CpuAttention::rotate_and_keep(const CpuStep& step, float* projected_rows) const {
  const auto& rotation = step.rotations[static_cast<size_t>(spec_.rope)];
  const int64_t half = static_cast<int64_t>(rope_.inverse_frequencies.size()), dim = spec_.head_dim;
  for_rows(pool_, step.token_count(), stride(), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* projected = projected_rows + row * stride();
      const float *cosines = rotation.cosines.data() + row * half, *sines = rotation.sines.data() + row * half;
      for (int64_t head = 0; head < spec_.heads + spec_.kv_heads; ++head) {
        float* vector = projected + head * dim;
        const auto& norm = head < spec_.heads ? vectors_.query_norm : vectors_.key_norm;
        const auto normalize = [&] {
          if (!norm.empty() && !has_row_norms()) kernels_.rms_norm(vector, norm.data(), vector, dim, epsilon_);
        };
        if (!spec_.is_normed_after_rotation) normalize();
        const int64_t step_between = rope_.is_interleaved ? 1 : half, step_along = rope_.is_interleaved ? 2 : 1;
        for (int64_t i = 0; i < half; ++i) {
          float &first = vector[i * step_along], &second = vector[i * step_along + step_between];
          const float turned = first * cosines[i] - second * sines[i];
          second = first * sines[i] + second * cosines[i];
          first = turned;
        }
        if (spec_.is_normed_after_rotation) normalize();
      }
      const int64_t position = step.positions[static_cast<size_t>(row)], within = position % kPageTokens;
      const KvPage& page = *step.pages[static_cast<size_t>(step.segments[static_cast<size_t>(row)])][place_.sight]
                                      [static_cast<size_t>(position / kPageTokens)];
      for (int64_t head = 0; head < spec_.kv_heads; ++head) {
        const float *key = projected + (spec_.heads + head) * dim, *value = projected + value_offset() + head * spec_.value_dim;
        if (is_half()) keep<uint16_t>(page, head, within, key, value);
        else keep<float>(page, head, within, key, value);
      }
    }
  });
}

}  // namespace exo

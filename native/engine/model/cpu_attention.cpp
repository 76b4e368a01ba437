#include "cpu_attention.h"

#include <algorithm>
#include <cstring>

#include "../kernels/for_rows.h"

namespace exo {

void CpuAttention::run(const CpuStep& step, float* projected, float* attended) const {
  rotate_and_keep(step, projected);
  // A task is a few query rows of one sequence that share a key-value head.
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
  const int64_t value_stride = step.pages.front().front()->value_stride();
  pool_.run(static_cast<int64_t>(tasks.size()), [&](int64_t number) {
    const Task& task = tasks[static_cast<size_t>(number)];
    thread_local std::vector<float> queries, sinks;
    thread_local std::vector<int32_t> positions;
    thread_local std::vector<float*> outputs;
    thread_local std::vector<const float*> keys, values;
    queries.resize(static_cast<size_t>(task.rows * spec_.head_dim));
    positions.clear(), outputs.clear(), keys.clear(), values.clear(), sinks.clear();
    for (int64_t i = 0; i < task.rows; ++i) {
      const int64_t token = (task.first_row + i) / group, head = task.head * group + (task.first_row + i) % group;
      const float* from = projected + token * stride() + head * spec_.head_dim;
      for (int64_t d = 0; d < spec_.head_dim; ++d) queries[static_cast<size_t>(i * spec_.head_dim + d)] = from[d] * spec_.scale;
      positions.push_back(step.positions[static_cast<size_t>(token)]);
      outputs.push_back(attended + (token * spec_.heads + head) * spec_.head_dim);
      if (!vectors_.sinks.empty()) sinks.push_back(vectors_.sinks[static_cast<size_t>(head)]);
    }
    for (const auto& page : step.pages[static_cast<size_t>(task.segment)]) {
      keys.push_back(page->keys(layer_, task.head));
      values.push_back(page->values(layer_, task.head));
    }
    kernels_.attention({queries.data(), task.rows, positions.data(), keys.data(), values.data(), kPageTokens, spec_.head_dim,
                        spec_.head_dim, value_stride, spec_.window, sinks.empty() ? nullptr : sinks.data(), outputs.data()});
  });
}

void CpuAttention::rotate_and_keep(const CpuStep& step, float* projected_rows) const {
  const auto& rotation = step.rotations[static_cast<size_t>(spec_.rope)];
  const int64_t half = static_cast<int64_t>(rope_.inverse_frequencies.size()), dim = spec_.head_dim;
  const int64_t value_stride = step.pages.front().front()->value_stride();
  for_rows(pool_, step.token_count(), stride(), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* projected = projected_rows + row * stride();
      const float *cosines = rotation.cosines.data() + row * half, *sines = rotation.sines.data() + row * half;
      for (int64_t head = 0; head < spec_.heads + spec_.kv_heads; ++head) {
        float* vector = projected + head * dim;
        const auto& norm = head < spec_.heads ? vectors_.query_norm : vectors_.key_norm;
        if (!norm.empty()) kernels_.rms_norm(vector, norm.data(), vector, dim, epsilon_);
        const int64_t step_between = rope_.is_interleaved ? 1 : half, step_along = rope_.is_interleaved ? 2 : 1;
        for (int64_t i = 0; i < half; ++i) {
          float &first = vector[i * step_along], &second = vector[i * step_along + step_between];
          const float turned = first * cosines[i] - second * sines[i];
          second = first * sines[i] + second * cosines[i];
          first = turned;
        }
      }
      const int64_t position = step.positions[static_cast<size_t>(row)], within = position % kPageTokens;
      const KvPage& page =
          *step.pages[static_cast<size_t>(step.segments[static_cast<size_t>(row)])][static_cast<size_t>(position / kPageTokens)];
      for (int64_t head = 0; head < spec_.kv_heads; ++head) {
        const float *key = projected + (spec_.heads + head) * dim, *value = projected + (spec_.heads + spec_.kv_heads + head) * dim;
        float* keys = page.keys(layer_, head) + within / kPanelRows * dim * kPanelRows + within % kPanelRows;
        for (int64_t d = 0; d < dim; ++d) keys[d * kPanelRows] = key[d];
        std::memcpy(page.values(layer_, head) + within * value_stride, value, static_cast<size_t>(dim) * sizeof(float));
      }
    }
  });
}

}  // namespace exo

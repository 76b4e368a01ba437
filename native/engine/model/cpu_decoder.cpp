#include "cpu_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "host_task.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// Below this many numbers, sharing the work costs more than doing it.
constexpr int64_t kSharedWork = 16384;

/// Calls body(begin, end) over [0, rows), on all threads if each row's work is worth it.
void for_rows(ThreadPool& pool, int64_t rows, int64_t work_per_row, const std::function<void(int64_t begin, int64_t end)>& body) {
  if (rows * work_per_row < kSharedWork || rows == 1) return body(0, rows);
  const int64_t tasks = std::min<int64_t>(rows, pool.threads() * 4);
  pool.run(tasks, [&](int64_t task) { body(rows * task / tasks, rows * (task + 1) / tasks); });
}

}  // namespace

struct CpuDecoder::Linear {
  std::vector<std::unique_ptr<PackedMatrix>> owned;
  /// Views of `owned`, or of the embedding.
  std::vector<const PackedMatrix*> parts;
  int64_t outputs = 0;
};

struct CpuDecoder::Layer {
  AttentionSpec attention;
  std::vector<float> input_norm, query_norm, key_norm, feed_forward_norm;
  std::unique_ptr<Linear> query_key_value, attention_output, gate_up, down;
};

struct CpuDecoder::Rope {
  RopeSpec spec;
};

/// Cosines and sines of a step's tokens [tokens, half] for one rope, times its magnitude.
struct CpuDecoder::Rotation {
  std::vector<float> cosines, sines;
};

struct CpuDecoder::CpuStep : PreparedStep {
  using PreparedStep::PreparedStep;
  /// Per token: its position, its segment, and per rope its rotation.
  std::vector<int32_t> positions;
  std::vector<int32_t> segments;
  std::vector<Rotation> rotations;
  /// Per segment: its sequence's pages, kept alive while the step runs.
  std::vector<std::vector<std::shared_ptr<KvPage>>> pages;
};

/// Buffers of a stage that grow to the largest step.
struct CpuDecoder::Workspace {
  std::vector<float> normalized, projected, attended, gated, activated;
};

CpuDecoder::CpuDecoder(const DecoderSpec& spec, WeightReader& reader, ThreadPool& pool, AllSum all_sum)
    : kernels_(host_kernels()), pool_(pool), all_sum_(std::move(all_sum)), hidden_size_(spec.hidden_size), vocab_size_(spec.vocab_size),
      epsilon_(spec.norm_epsilon), workspace_(std::make_unique<Workspace>()) {
  for (const auto& rope : spec.ropes) ropes_.push_back({rope});
  if (spec.embedding) {
    embedding_ = std::make_unique<PackedMatrix>(*spec.embedding, reader, pool_, spec.dequantize);
    resident_bytes_ += embedding_->resident_bytes();
  }
  if (spec.final_norm) {
    final_norm_ = load_vector(*spec.final_norm, reader);
    if (spec.head) {
      head_ = load_linear({*spec.head}, reader, spec.dequantize);
    } else {
      head_ = std::make_unique<Linear>();
      head_->parts = {embedding_.get()};
      head_->outputs = embedding_->view().rows;
    }
  }
  for (const auto& source : spec.layers) {
    Layer layer;
    layer.attention = source.attention;
    layer.input_norm = load_vector(source.input_norm, reader);
    if (source.attention.query_norm) layer.query_norm = load_vector(*source.attention.query_norm, reader);
    if (source.attention.key_norm) layer.key_norm = load_vector(*source.attention.key_norm, reader);
    layer.feed_forward_norm = load_vector(source.feed_forward_norm, reader);
    layer.query_key_value = load_linear(source.query_key_value, reader, spec.dequantize);
    layer.attention_output = load_linear(source.attention_output, reader, spec.dequantize);
    layer.gate_up = load_linear(source.feed_forward.always->gate_up, reader, spec.dequantize);
    layer.down = load_linear(source.feed_forward.always->down, reader, spec.dequantize);
    layers_.push_back(std::move(layer));
  }
  const AttentionSpec attention = layers_.empty() ? AttentionSpec{} : layers_[0].attention;
  pages_ = std::make_shared<KvPagePool>(KvShape{static_cast<int64_t>(layers_.size()), attention.kv_heads, attention.head_dim, attention.head_dim});
}

CpuDecoder::~CpuDecoder() = default;

std::unique_ptr<CpuDecoder::Linear> CpuDecoder::load_linear(const LinearSource& source, WeightReader& reader, bool dequantize) {
  auto linear = std::make_unique<Linear>();
  for (const auto& part : source) {
    linear->owned.push_back(std::make_unique<PackedMatrix>(part, reader, pool_, dequantize));
    linear->parts.push_back(linear->owned.back().get());
    linear->outputs += part.outputs();
    resident_bytes_ += linear->owned.back()->resident_bytes();
  }
  return linear;
}

std::vector<float> CpuDecoder::load_vector(const TensorSource& source, WeightReader& reader) {
  auto floats = reader.read_floats(source);
  resident_bytes_ += static_cast<int64_t>(floats.size() * sizeof(float));
  return floats;
}

std::shared_ptr<PreparedStep> CpuDecoder::prepare(StepPlan plan) {
  for (const auto slot : plan.released) caches_.erase(slot);
  auto step = std::make_shared<CpuStep>(std::move(plan));
  for (size_t index = 0; index < step->plan.segments.size(); ++index) {
    const auto& segment = step->plan.segments[index];
    auto& pages = caches_[segment.slot];
    while (static_cast<int64_t>(pages.size()) * kPageTokens < segment.position + segment.tokens) pages.push_back(pages_->take());
    step->pages.push_back(pages);
    for (int32_t i = 0; i < segment.tokens; ++i) {
      step->positions.push_back(segment.position + i);
      step->segments.push_back(static_cast<int32_t>(index));
    }
  }
  for (const auto& rope : ropes_) {
    Rotation rotation;
    for (const auto position : step->positions) {
      for (const auto frequency : rope.spec.inverse_frequencies) {
        const float angle = static_cast<float>(position) * rope.spec.position_scale * frequency;
        rotation.cosines.push_back(std::cos(angle) * rope.spec.magnitude);
        rotation.sines.push_back(std::sin(angle) * rope.spec.magnitude);
      }
    }
    step->rotations.push_back(std::move(rotation));
  }
  return step;
}

mx::array CpuDecoder::embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mx::array>& previous) {
  std::vector<mx::array> inputs;
  if (previous) inputs.push_back(*previous);
  const auto rows = static_cast<mx::ShapeElem>(step->token_count());
  return host_task("embed", {rows, static_cast<mx::ShapeElem>(hidden_size_)}, mx::float32, inputs, [this, step](const auto& sources, void* output) {
    for_rows(pool_, step->token_count(), hidden_size_, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int32_t token = step->plan.tokens[static_cast<size_t>(row)];
        const int32_t known = token >= 0 ? token : static_cast<const int32_t*>(sources.at(0))[-1 - token];
        embedding_->copy_row(known, static_cast<float*>(output) + row * hidden_size_);
      }
    });
  });
}

mx::array CpuDecoder::run_layers(const std::shared_ptr<PreparedStep>& prepared, const mx::array& hidden) {
  const auto step = std::static_pointer_cast<CpuStep>(prepared);
  const int64_t rows = step->token_count();
  const auto bytes = static_cast<size_t>(rows * hidden_size_) * sizeof(float);
  if (!all_sum_) {
    return host_task("layers", hidden.shape(), mx::float32, {hidden}, [this, step, rows, bytes](const auto& sources, void* output) {
      float* state = static_cast<float*>(output);
      std::memcpy(state, sources[0], bytes);
      for (size_t index = 0; index < layers_.size(); ++index) {
        const Layer& layer = layers_[index];
        attend(layer, static_cast<int64_t>(index), *step, state);
        multiply(*layer.attention_output, workspace_->attended.data(), rows, state, state);
        gate(layer, rows, state);
        multiply(*layer.down, workspace_->activated.data(), rows, state, state);
      }
    });
  }
  mx::array state = hidden;
  const auto add = [&](const mx::array& part) { return mx::add(state, all_sum_(part), mx::Device::cpu); };
  for (size_t index = 0; index < layers_.size(); ++index) {
    const Layer* layer = &layers_[index];
    state = add(host_task("attention", hidden.shape(), mx::float32, {state}, [this, step, rows, layer, index](const auto& sources, void* output) {
      attend(*layer, static_cast<int64_t>(index), *step, static_cast<const float*>(sources[0]));
      multiply(*layer->attention_output, workspace_->attended.data(), rows, static_cast<float*>(output), nullptr);
    }));
    state = add(host_task("feed-forward", hidden.shape(), mx::float32, {state}, [this, rows, layer](const auto& sources, void* output) {
      gate(*layer, rows, static_cast<const float*>(sources[0]));
      multiply(*layer->down, workspace_->activated.data(), rows, static_cast<float*>(output), nullptr);
    }));
  }
  return state;
}

mx::array CpuDecoder::logits(const mx::array& hidden, std::vector<int32_t> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  const mx::Shape shape{static_cast<mx::ShapeElem>(count), static_cast<mx::ShapeElem>(vocab_size_)};
  return host_task("head", shape, mx::float32, {hidden}, [this, rows = std::move(rows), count](const auto& sources, void* output) {
    auto& normalized = workspace_->normalized;
    normalized.resize(static_cast<size_t>(count * hidden_size_));
    for (int64_t i = 0; i < count; ++i) {
      const float* from = static_cast<const float*>(sources[0]) + rows[static_cast<size_t>(i)] * hidden_size_;
      kernels_.rms_norm(from, final_norm_.data(), normalized.data() + i * hidden_size_, hidden_size_, epsilon_);
    }
    multiply(*head_, normalized.data(), count, static_cast<float*>(output), nullptr);
  });
}

void CpuDecoder::multiply(const Linear& linear, const float* x, int64_t rows, float* y, const float* residual) {
  struct Share {
    const PackedMatrix* part;
    int64_t first_output, panel, panel_end;
  };
  int64_t panels = 0;
  for (const auto* part : linear.parts) panels += part->panels();
  // Shares are whole register tiles, and several per thread, so that a thread that was held up does not hold up the rest.
  const int64_t per_share = std::max<int64_t>(4, (panels / (pool_.threads() * 6) + 3) / 4 * 4);
  std::vector<Share> shares;
  int64_t first_output = 0;
  for (const auto* part : linear.parts) {
    for (int64_t panel = 0; panel < part->panels(); panel += per_share) {
      shares.push_back({part, first_output, panel, std::min(part->panels(), panel + per_share)});
    }
    first_output += part->view().rows;
  }
  const auto run_share = [&](int64_t index) {
    const Share& share = shares[static_cast<size_t>(index)];
    const Product product{share.part->view(), x, share.part->view().columns, rows, y + share.first_output, linear.outputs, share.part->bias(),
                          residual ? residual + share.first_output : nullptr};
    kernels_.product(product, share.panel, share.panel_end);
  };
  if (rows * linear.outputs * linear.parts[0]->view().columns < kSharedWork) {
    for (size_t index = 0; index < shares.size(); ++index) run_share(static_cast<int64_t>(index));
  } else {
    pool_.run(static_cast<int64_t>(shares.size()), run_share);
  }
}

void CpuDecoder::normalize(const float* x, const std::vector<float>& weight, float* y, int64_t rows, int64_t width) {
  for_rows(pool_, rows, width, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) kernels_.rms_norm(x + row * width, weight.data(), y + row * width, width, epsilon_);
  });
}

void CpuDecoder::attend(const Layer& layer, int64_t index, const CpuStep& step, const float* hidden) {
  const int64_t rows = step.token_count();
  const auto& spec = layer.attention;
  auto& space = *workspace_;
  space.normalized.resize(static_cast<size_t>(rows * hidden_size_));
  space.projected.resize(static_cast<size_t>(rows * layer.query_key_value->outputs));
  space.attended.resize(static_cast<size_t>(rows * spec.heads * spec.head_dim));
  normalize(hidden, layer.input_norm, space.normalized.data(), rows, hidden_size_);
  multiply(*layer.query_key_value, space.normalized.data(), rows, space.projected.data(), nullptr);
  rotate_and_keep(layer, index, step);

  // A task is a few query rows of one sequence that share a key-value head.
  struct Task {
    int32_t segment;
    int32_t head;
    int64_t first_row, rows;
  };
  const int64_t group = spec.heads / spec.kv_heads;
  std::vector<Task> tasks;
  int32_t first_token = 0;
  for (size_t segment = 0; segment < step.plan.segments.size(); ++segment) {
    const int64_t segment_rows = step.plan.segments[segment].tokens * group;
    for (int64_t row = 0; row < segment_rows; row += kernels_.attention_rows) {
      for (int32_t head = 0; head < spec.kv_heads; ++head) {
        tasks.push_back({static_cast<int32_t>(segment), head, first_token * group + row, std::min(kernels_.attention_rows, segment_rows - row)});
      }
    }
    first_token += step.plan.segments[segment].tokens;
  }
  const int64_t stride = layer.query_key_value->outputs;
  pool_.run(static_cast<int64_t>(tasks.size()), [&](int64_t number) {
    const Task& task = tasks[static_cast<size_t>(number)];
    thread_local std::vector<float> queries;
    thread_local std::vector<int32_t> positions;
    thread_local std::vector<float*> outputs;
    thread_local std::vector<const float*> keys, values;
    queries.resize(static_cast<size_t>(task.rows * spec.head_dim));
    positions.clear(), outputs.clear(), keys.clear(), values.clear();
    for (int64_t i = 0; i < task.rows; ++i) {
      const int64_t token = (task.first_row + i) / group, head = task.head * group + (task.first_row + i) % group;
      const float* from = space.projected.data() + token * stride + head * spec.head_dim;
      for (int64_t d = 0; d < spec.head_dim; ++d) queries[static_cast<size_t>(i * spec.head_dim + d)] = from[d] * spec.scale;
      positions.push_back(step.positions[static_cast<size_t>(token)]);
      outputs.push_back(space.attended.data() + (token * spec.heads + head) * spec.head_dim);
    }
    for (const auto& page : step.pages[static_cast<size_t>(task.segment)]) {
      keys.push_back(page->keys(index, task.head));
      values.push_back(page->values(index, task.head));
    }
    kernels_.attention({queries.data(), task.rows, positions.data(), keys.data(), values.data(), kPageTokens, spec.head_dim, spec.head_dim,
                        pages_->shape().value_stride(), spec.window, nullptr, outputs.data()});
  });
}

void CpuDecoder::rotate_and_keep(const Layer& layer, int64_t index, const CpuStep& step) {
  const auto& spec = layer.attention;
  const auto& rope = ropes_[static_cast<size_t>(spec.rope)].spec;
  const auto& rotation = step.rotations[static_cast<size_t>(spec.rope)];
  const int64_t half = static_cast<int64_t>(rope.inverse_frequencies.size()), dim = spec.head_dim, stride = layer.query_key_value->outputs;
  const int64_t value_stride = pages_->shape().value_stride();
  for_rows(pool_, step.token_count(), stride, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* projected = workspace_->projected.data() + row * stride;
      const float *cosines = rotation.cosines.data() + row * half, *sines = rotation.sines.data() + row * half;
      for (int64_t head = 0; head < spec.heads + spec.kv_heads; ++head) {
        float* vector = projected + head * dim;
        const auto& norm = head < spec.heads ? layer.query_norm : layer.key_norm;
        if (!norm.empty()) kernels_.rms_norm(vector, norm.data(), vector, dim, epsilon_);
        const int64_t step_between = rope.is_interleaved ? 1 : half, step_along = rope.is_interleaved ? 2 : 1;
        for (int64_t i = 0; i < half; ++i) {
          float &first = vector[i * step_along], &second = vector[i * step_along + step_between];
          const float turned = first * cosines[i] - second * sines[i];
          second = first * sines[i] + second * cosines[i];
          first = turned;
        }
      }
      const int64_t position = step.positions[static_cast<size_t>(row)], within = position % kPageTokens;
      const KvPage& page = *step.pages[static_cast<size_t>(step.segments[static_cast<size_t>(row)])][static_cast<size_t>(position / kPageTokens)];
      for (int64_t head = 0; head < spec.kv_heads; ++head) {
        const float *key = projected + (spec.heads + head) * dim, *value = projected + (spec.heads + spec.kv_heads + head) * dim;
        float* keys = page.keys(index, head) + within / kPanelRows * dim * kPanelRows + within % kPanelRows;
        for (int64_t d = 0; d < dim; ++d) keys[d * kPanelRows] = key[d];
        std::memcpy(page.values(index, head) + within * value_stride, value, static_cast<size_t>(dim) * sizeof(float));
      }
    }
  });
}

void CpuDecoder::gate(const Layer& layer, int64_t rows, const float* hidden) {
  auto& space = *workspace_;
  const int64_t outputs = layer.gate_up->outputs, width = outputs / 2;
  space.normalized.resize(static_cast<size_t>(rows * hidden_size_));
  space.gated.resize(static_cast<size_t>(rows * outputs));
  space.activated.resize(static_cast<size_t>(rows * width));
  normalize(hidden, layer.feed_forward_norm, space.normalized.data(), rows, hidden_size_);
  multiply(*layer.gate_up, space.normalized.data(), rows, space.gated.data(), nullptr);
  for_rows(pool_, rows, width, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* gated = space.gated.data() + row * outputs;
      kernels_.silu_multiply(gated, gated + width, space.activated.data() + row * width, width);
    }
  });
}

}  // namespace exo

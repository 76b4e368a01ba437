#include "step_runner.h"

#include <algorithm>
#include <numeric>

#include "model/array/array_sampler.h"
#include "model/host_task.h"
#include "sample/verify_draft.h"
#include "schedule/forced_room.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// Prompt rows that are scored at once. This limits the memory for the logits of a long prompt.
constexpr int32_t kScoredRows = 64;

/// The rows of the step that belong to this segment and count for the embedding of its prompt.
std::vector<int32_t> pooled_rows(Pooling pooling, const PlanSegment& segment, int32_t first, int32_t prompt_tokens) {
  const int32_t last = first + segment.tokens - 1;
  switch (pooling) {
    case Pooling::First: return segment.position == 0 ? std::vector{first} : std::vector<int32_t>{};
    case Pooling::Last:
    case Pooling::Scores: return segment.position + segment.tokens == prompt_tokens ? std::vector{last} : std::vector<int32_t>{};
    case Pooling::Mean: break;
  }
  std::vector<int32_t> rows(static_cast<size_t>(segment.tokens));
  std::iota(rows.begin(), rows.end(), first);
  return rows;
}

}  // namespace

StepRunner::~StepRunner() { mx::synchronize(mx::default_stream(mx::Device::cpu)); }

LaunchedStep StepRunner::launch(PlannedStep planned, const LaunchedStep* previous) {
  LaunchedStep step{std::move(planned)};
  step.result->prompt_scores.resize(step.planned.owners.size());
  step.result->states.resize(step.planned.owners.size());
  if (!group_.is_alone()) group_.send_plan(step.planned.plan);
  const auto prepared = decoder_.prepare(step.planned.plan);
  const double begin_ms = evaluator_.counts() ? thread_cpu_ms() : 0;
  if (!group_.is_first_stage()) evaluator_.start({step.received.emplace(receive(*prepared))});
  const auto embed = [&] { return decoder_.embed(prepared, referenced(prepared->plan, previous ? previous->tokens : std::nullopt)); };
  const auto hidden = decoder_.run_layers(prepared, step.received ? *step.received : embed());
  add_samples(step, hidden);
  add_prompt_scores(step, hidden);
  add_states(step, hidden);
  if (step.outputs.empty()) step.outputs.push_back(hidden);
  step.outputs.insert(step.outputs.begin(), prepared->marks.begin(), prepared->marks.end());
  if (!step.received) evaluator_.start(step.outputs);
  if (evaluator_.counts()) evaluator_.add_host_ms(thread_cpu_ms() - begin_ms);
  step.counts = evaluator_.take();
  return step;
}

void StepRunner::complete(LaunchedStep& step) {
  if (step.received) {
    evaluator_.finish({*step.received});
    const double begin_ms = evaluator_.counts() ? thread_cpu_ms() : 0;
    evaluator_.start(step.outputs);
    if (evaluator_.counts()) evaluator_.add_host_ms(thread_cpu_ms() - begin_ms);
  }
  evaluator_.finish(step.outputs);
  step.counts.add(evaluator_.take());
  if (!step.is_drawn_on_device) return;
  const auto* tokens = step.tokens->data<int32_t>();
  for (size_t row = 0; row < step.tokens->size(); ++row) {
    Choice choice;
    choice.token = tokens[row];
    step.result->choices.push_back({choice});
  }
}

std::vector<mx::array> StepRunner::follow(StepPlan plan) {
  const auto prepared = decoder_.prepare(std::move(plan));
  if (prepared->plan.is_empty()) return {};
  const auto input = group_.is_first_stage() ? decoder_.embed(prepared, referenced(prepared->plan, std::nullopt)) : receive(*prepared);
  if (!group_.is_first_stage()) evaluator_.finish({input});
  auto hidden = decoder_.run_layers(prepared, input);
  if (group_.is_pipeline()) hidden = group_.send_hidden(hidden);
  prepared->marks.push_back(hidden);
  evaluator_.start(prepared->marks);
  return prepared->marks;
}

std::optional<mx::array> StepRunner::referenced(const StepPlan& plan, const std::optional<mx::array>& drawn) const {
  const int32_t least = *std::min_element(plan.tokens.begin(), plan.tokens.end());
  if (!group_.is_tensor_parallel() || least >= 0) return drawn;
  const auto own = drawn ? mx::slice(*drawn, {0}, {-least}) : mx::zeros({-least}, mx::int32);
  // What ranks send must not be used as an index before it is checked.
  return mx::clip(group_.all_sum(own), mx::array(0), mx::array(vocab_size_ - 1));
}

mx::array StepRunner::receive(const PreparedStep& step) const {
  return group_.receive_hidden(static_cast<int>(step.token_count()), decoder_.received_width(), decoder_.hidden_type());
}

void StepRunner::add_samples(LaunchedStep& step, const mx::array& hidden) {
  std::vector<int32_t> rows;
  std::vector<Sampled> sampled;
  const auto& tokens = step.planned.plan.tokens;
  int32_t end = 0;
  for (size_t index = 0; index < step.planned.owners.size(); ++index) {
    const auto& segment = step.planned.plan.segments[index];
    const auto& owner = step.planned.owners[index];
    end += segment.tokens;
    if (!owner->is_prefilled() || owner->request.max_tokens == 0) continue;
    const int32_t proposals = segment.position >= owner->prompt_tokens() ? segment.tokens - 1 : 0;
    sampled.push_back({owner, static_cast<int64_t>(rows.size()), {tokens.begin() + end - proposals, tokens.begin() + end}});
    for (int32_t row = end - 1 - proposals; row < end; ++row) rows.push_back(row);
  }
  if (rows.empty()) return;
  const auto logits = decoder_.logits(hidden, std::move(rows));
  // Either all rows are drawn on the device or none: the two ways count a sequence's random numbers separately.
  step.is_drawn_on_device =
      decoder_.draws_on_device() && std::all_of(sampled.begin(), sampled.end(), [](const Sampled& each) { return each.owner->is_plain(); });
  if (step.is_drawn_on_device) {
    std::vector<RowDraw> draws;
    for (const auto& [owner, row, proposed] : sampled) {
      const auto& sampling = owner->request.sampling;
      draws.push_back(
          {sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p, uniform_of(sampling.seed, owner->sample_number())});
    }
    step.tokens = draw_tokens(logits, draws);
  } else {
    step.tokens = draw_here(logits, std::move(sampled), step.result);
  }
  step.outputs.push_back(*step.tokens);
}

mx::array StepRunner::draw_here(const mx::array& logits, std::vector<Sampled> sampled, std::shared_ptr<StepResult> result) const {
  const auto count = static_cast<int64_t>(sampled.size());
  std::vector<uint64_t> numbers;
  for (const auto& [owner, row, proposed] : sampled) numbers.push_back(owner->sample_number());
  // The step that runs ahead of the jump draws one of them.
  const size_t room = forced_room(sampled.size(), 1), most_forced = room > 0 ? room + 1 : 0;
  return host_task("sample", {static_cast<mx::ShapeElem>(count)}, mx::int32, {logits},
                   [this, sampled = std::move(sampled), numbers = std::move(numbers), result = std::move(result), count, most_forced](
                       const auto& sources, void* output) {
                     result->choices.resize(static_cast<size_t>(count));
                     result->forced.resize(static_cast<size_t>(count));
                     pool_.run(count, [&](int64_t index) {
                       const auto& [owner, first_row, proposed] = sampled[static_cast<size_t>(index)];
                       auto& choices = result->choices[static_cast<size_t>(index)];
                       const float* logits = static_cast<const float*>(sources[0]) + first_row * vocab_size_;
                       // Earlier tokens may have been drawn on the device, so the sampler's step is set here.
                       if (owner->is_plain()) owner->sampler->set_step(numbers[static_cast<size_t>(index)]);
                       choices = verify_draft(proposed, [&, &drawer = *owner](size_t row) {
                         return drawer.sampler->draw(logits + static_cast<int64_t>(row) * vocab_size_, vocab_size_,
                                                     drawer.request.top_logprobs);
                       });
                       static_cast<int32_t*>(output)[index] = choices.back().token;
                       if (most_forced > 0 && !choices.back().is_dead_end)
                         result->forced[static_cast<size_t>(index)] = owner->sampler->forced(most_forced);
                     });
                   });
}

void StepRunner::add_prompt_scores(LaunchedStep& step, const mx::array& hidden) {
  int32_t first = 0;
  for (size_t index = 0; index < step.planned.owners.size(); ++index) {
    const auto& segment = step.planned.plan.segments[index];
    const int32_t segment_first = first;
    first += segment.tokens;
    if (segment.output != SegmentOutput::All) continue;
    const auto& owner = step.planned.owners[index];
    // The row of the prompt's last token is not scored, because the token after it is sampled.
    const int32_t scored = std::min(segment.tokens, owner->prompt_tokens() - 1 - segment.position);
    // The blocks may run in any order, since each writes its own part of the result.
    if (scored > 0) step.result->prompt_scores[index].resize(static_cast<size_t>(scored));
    for (int32_t begin = 0; begin < scored; begin += kScoredRows) {
      const int32_t count = std::min(kScoredRows, scored - begin);
      std::vector<int32_t> rows;
      for (int32_t i = 0; i < count; ++i) rows.push_back(segment_first + begin + i);
      const auto logits = decoder_.logits(hidden, std::move(rows));
      const int32_t position = segment.position + begin;
      step.outputs.push_back(host_task("score", {1}, mx::int32, {logits},
                                       [this, owner, result = step.result, index, begin, position, count](const auto& sources, void*) {
                                         for (int32_t i = 0; i < count; ++i) {
                                           const float* row = static_cast<const float*>(sources[0]) + static_cast<int64_t>(i) * vocab_size_;
                                           const int32_t token = owner->request.prompt[static_cast<size_t>(position + i + 1)];
                                           const float log_sum_exp = host_kernels().log_sum_exp(row, vocab_size_);
                                           result->prompt_scores[index][static_cast<size_t>(begin + i)] = {
                                               token, row[token] - log_sum_exp,
                                               likeliest(row, vocab_size_, owner->request.top_logprobs, log_sum_exp)};
                                         }
                                       }));
    }
  }
}

void StepRunner::add_states(LaunchedStep& step, const mx::array& hidden) {
  int32_t first = 0;
  for (size_t index = 0; index < step.planned.owners.size(); ++index) {
    const auto& segment = step.planned.plan.segments[index];
    const auto& owner = *step.planned.owners[index];
    const int32_t segment_first = first;
    first += segment.tokens;
    if (!owner.request.pooling) continue;
    auto rows = pooled_rows(*owner.request.pooling, segment, segment_first, owner.prompt_tokens());
    if (rows.empty()) continue;
    if (owner.request.pooling == Pooling::Scores) {
      step.outputs.push_back(host_task("score", {1}, mx::int32, {decoder_.logits(hidden, std::move(rows))},
                                       [tokens = owner.request.scored_tokens, result = step.result, index](const auto& sources, void*) {
                                         const float* logits = static_cast<const float*>(sources[0]);
                                         for (const auto token : tokens) result->states[index].push_back(logits[token]);
                                       }));
      continue;
    }
    const size_t count = rows.size();
    step.outputs.push_back(
        host_task("pool", {1}, mx::int32, {decoder_.final_states(hidden, std::move(rows))},
                  [size = static_cast<size_t>(hidden_size_), result = step.result, index, count](const auto& sources, void*) {
                    std::vector<double> sum(size);
                    const float* row = static_cast<const float*>(sources[0]);
                    for (size_t i = 0; i < count; ++i, row += size) {
                      for (size_t j = 0; j < size; ++j) sum[j] += row[j];
                    }
                    result->states[index] = std::move(sum);
                  }));
  }
}

}  // namespace exo

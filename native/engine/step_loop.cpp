#include "step_loop.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "device_memory.h"
#include "schedule/forced_room.h"
#include "unknown_token.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// The target length of a step with a prefill chunk while other sequences decode: text that arrives four times a second
/// still reads fluently.
constexpr double kStepMs = 250;
/// The target length of a step with nothing but a prefill chunk. A cancellation or a new request waits no longer than
/// this.
constexpr double kLoneStepMs = 2000;
/// More tokens than a step has when all its sequences decode.
constexpr size_t kLongStepTokens = 128;

SchedulerLimits limits_of(const EngineSettings& settings, const RankGroup& group) {
  auto limits = settings.limits;
  if (group.is_pipeline()) limits.stages = group.size();
  // A GPU computes faster than it reads, so few tokens take as long as the weights.
  if (mx::default_device() == mx::Device::gpu) limits.chunk_cost_tokens = 64;
  return limits;
}

/// A step can be launched before the tokens of the last one are known. In a tensor-parallel group, all ranks must be able to do so. In a
/// pipeline, each stage can process another step.
size_t steps_in_flight(const RankGroup& group) {
  if (group.is_alone()) return 2;
  return group.is_pipeline() ? static_cast<size_t>(group.size()) : 1;
}

}  // namespace

StepLoop::StepLoop(const EngineSettings& settings, RankGroup& group, Decoder& decoder, ThreadPool& pool, HangUpWatch* watch, StepLog& log,
                   StepProgress& progress, GraphEvaluator& evaluator, std::function<void(EngineEvent)> on_event)
    : settings_(settings),
      group_(group),
      decoder_(decoder),
      watch_(watch),
      log_(log),
      progress_(progress),
      evaluator_(evaluator),
      on_event_(std::move(on_event)),
      runner_(decoder, group, pool, evaluator, settings.decoder.hidden_size, settings.decoder.vocab_size),
      scheduler_(limits_of(settings, group)),
      budget_(decoder.caches(), settings),
      plan_limits_{settings.limits.max_batch, settings.context_tokens, settings.decoder.vocab_size},
      plan_check_(plan_limits_),
      // Each stage of a pipeline processes another step, so a sequence waits for as many steps as there are stages.
      pace_(settings.limits.prefill_chunk_tokens, group.is_pipeline() ? kStepMs / group.size() : kStepMs),
      lone_pace_(settings.limits.prefill_chunk_tokens, kLoneStepMs),
      max_in_flight_(steps_in_flight(group)) {
  // The states of a pipeline's other stages are not available here.
  scheduler_.set_forgets(decoder.caches().forgets() || group.is_pipeline());
}

void StepLoop::set_drafter(std::unique_ptr<Drafter> drafter) {
  drafter_ = std::move(drafter);
  for (const auto& generation : scheduler_.running()) {
    generation->draft.reset();
    if (!generation->is_jumping) generation->proposal.clear();
  }
}

void StepLoop::add(GenerationRequest request) {
  const auto refuse = [&](const char* code, const std::string& message) { on_event_(GenerationErrorEvent{request.id, code, message}); };
  const auto prompt_tokens = static_cast<int64_t>(request.prompt.size());
  if (prompt_tokens > settings_.context_tokens || (prompt_tokens == settings_.context_tokens && request.max_tokens > 0)) {
    return refuse("context-exceeded", "the prompt has " + std::to_string(prompt_tokens) + " tokens, and the model's context holds " +
                                          std::to_string(settings_.context_tokens));
  }
  for (const auto& tokens : {std::cref(request.prompt), std::cref(request.scored_tokens)}) {
    if (const auto unknown = unknown_token(tokens, settings_.decoder.vocab_size)) return refuse("invalid-token", *unknown);
  }
  request.max_tokens = std::min(request.max_tokens, settings_.context_tokens - static_cast<int32_t>(prompt_tokens));
  auto generation = std::make_shared<Generation>();
  generation->queued_ms = now_ms();
  generation->sampler = std::make_unique<Sampler>(request.sampling, request.prompt, request.resumed, host_kernels());
  const std::string id = request.id;
  generation->request = std::move(request);
  if (scheduler_.add(std::move(generation))) {
    is_resting_ = false;
  } else {
    on_event_(GenerationErrorEvent{id, "engine-busy", "the engine has as many requests waiting as it takes; try again in a moment"});
  }
}

void StepLoop::cancel(const std::string& id) {
  const auto generation = scheduler_.remove(id);
  if (generation) end(*generation, FinishReason::Cancelled);
}

void StepLoop::step(const std::function<void()>& after_launch) {
  const bool has_launched = may_launch() && launch();
  if (has_launched) after_launch();
  if (!in_flight_.empty() && (!has_launched || in_flight_.size() == max_in_flight_)) deliver_oldest();
}

/// Launching ahead of a long step saves no time, and a request that arrives meanwhile would wait for two steps.
bool StepLoop::may_launch() const {
  const bool is_ahead_of_long =
      !group_.is_pipeline() && !in_flight_.empty() && in_flight_.back().planned.plan.tokens.size() >= kLongStepTokens;
  return in_flight_.size() < max_in_flight_ && !is_ahead_of_long;
}

bool StepLoop::launch() {
  if (scheduler_.is_idle()) return false;
  const double launched_cpu_ms = process_cpu_ms();
  begin_stepping();
  agree_on_memory();
  for (const auto& generation : scheduler_.admit()) {
    if (generation->started_ms == 0) generation->started_ms = now_ms();
  }
  jump();
  if (drafter_) propose();
  auto planned = scheduler_.next(pace_.tokens(), lone_pace_.tokens());
  if (planned.plan.is_empty()) return false;
  const double launched_ms = now_ms();
  in_flight_.push_back(runner_.launch(std::move(planned), in_flight_.empty() ? nullptr : &in_flight_.back()));
  in_flight_.back().launched_ms = launched_ms;
  in_flight_.back().launched_cpu_ms = launched_cpu_ms;
  tell_step_tokens();
  in_flight_.back().plan_ms = now_ms() - launched_ms;
  return true;
}

/// Proposes what the grammars leave, which costs one step for all of it. The model verifies it like a draft: where it cuts the same text
/// into other tokens, its own count, so an answer is the same with and without.
void StepLoop::jump() {
  const auto& running = scheduler_.running();
  const auto jumping = std::ranges::count_if(running, [](const auto& generation) { return !generation->forced.empty(); });
  const size_t room = forced_room(running.size(), static_cast<size_t>(jumping));
  for (const auto& generation : running) {
    if (generation->forced.empty() || !generation->is_known()) continue;
    generation->proposal = std::exchange(generation->forced, {});
    const auto left = static_cast<size_t>(std::max(generation->request.max_tokens - generation->drawn() - 1, 0));
    if (generation->proposal.size() > std::min(left, room)) generation->proposal.resize(std::min(left, room));
    generation->is_jumping = !generation->proposal.empty();
  }
}

void StepLoop::propose() {
  std::vector<std::shared_ptr<Generation>> generations;
  for (const auto& generation : scheduler_.running()) {
    if (generation->request.draft_id != drafter_->id()) continue;
    if (!generation->draft) generation->draft.emplace();
    const bool is_decoding = generation->is_prefilled() && generation->drawn() > 0 && generation->is_known();
    if (is_decoding && generation->is_drafting() && generation->proposal.empty()) generations.push_back(generation);
  }
  if (settings_.draft_bytes) drafter_->keep_only(scheduler_.running());
  if (!generations.empty()) drafter_->propose(generations);
}

void StepLoop::rest() {
  is_resting_ = true;
  if (drafter_) drafter_->rest();
  auto plan = scheduler_.rest();
  if (is_stepping_) {
    plan.is_last = true;
    group_.send_plan(plan);
    end_stepping();
  }
  decoder_.prepare(std::move(plan));
  decoder_.trim();
  mx::clear_cache();
  rates_.clear();
}

void StepLoop::abandon(const std::string& code, const std::string& message) {
  in_flight_.clear();
  tell_step_tokens();
  for (const auto& generation : scheduler_.abandon()) on_event_(GenerationErrorEvent{generation->request.id, code, message});
  decoder_.caches().clear();
  if (drafter_) drafter_->rest();
}

void StepLoop::follow(const std::function<void()>& after_step) {
  is_stepping_ = true;
  if (watch_) watch_->set_stepping(true);
  agree_on_memory();
  std::optional<FollowedStep> running;
  const auto finish = [&](std::optional<FollowedStep>& step) {
    if (!step) return;
    finish_followed(*std::exchange(step, std::nullopt));
    after_step();
  };
  for (bool is_last = false; !is_last;) {
    const double waits_from_ms = now_ms();
    auto plan = group_.receive_plan(plan_limits_.most_numbers());
    plan_check_.accept(plan, runs_ahead_);
    const double begin_ms = now_ms(), begin_cpu_ms = process_cpu_ms();
    is_last = plan.is_last;
    const auto tokens = static_cast<int64_t>(plan.tokens.size());
    progress_.step_tokens = tokens;
    std::optional next(FollowedStep{runner_.follow(std::move(plan)), begin_ms, begin_ms - waits_from_ms, begin_cpu_ms, tokens, {}});
    next->counts = evaluator_.take();
    finish(running);
    if (!runs_ahead_ || is_last || tokens >= static_cast<int64_t>(kLongStepTokens)) finish(next);
    running = std::move(next);
    // From here on, this rank waits for others.
    progress_.step_tokens = 0;
  }
  end_stepping();
  decoder_.trim();
  mx::clear_cache();
}

void StepLoop::finish_followed(FollowedStep step) {
  if (!step.outputs.empty()) evaluator_.finish(step.outputs);
  step.counts.add(evaluator_.take());
  if (step.tokens > 0) {
    log_.add({step.begin_ms, now_ms(), step.waited_ms, 0, 0, step.tokens, process_cpu_ms() - step.begin_cpu_ms, counted(step.counts)});
  }
  ++steps_;
  bound_cache(steps_, step.tokens >= static_cast<int64_t>(kLongStepTokens));
  ++progress_.layers_done;
}

EngineStats StepLoop::stats() const {
  EngineStats stats;
  stats.steps = steps_;
  stats.jumped_tokens = jumped_tokens_;
  stats.sent_bytes = group_.sent_bytes();
  stats.running = static_cast<int64_t>(scheduler_.running().size());
  stats.waiting = static_cast<int64_t>(scheduler_.waiting().size());
  stats.kv_bytes = decoder_.caches().sequence_bytes();
  stats.prefix_cache_bytes = decoder_.caches().kept_bytes();
  stats.decode_tokens_per_second = rates_.decode_tokens_per_second();
  stats.prefill_tokens_per_second = rates_.prefill_tokens_per_second();
  return stats;
}

void StepLoop::begin_stepping() {
  if (group_.is_alone() || is_stepping_) return;
  is_stepping_ = true;
  if (watch_) watch_->set_stepping(true);
  on_event_(StepsBeginEvent{});
}

void StepLoop::end_stepping() {
  is_stepping_ = false;
  if (watch_) watch_->set_stepping(false);
}

/// Ranks have different layers and different memory, so the number of blocks is the smallest that fits on any of them.
/// A single number is agreed on, because all versions of the program do so.
void StepLoop::agree_on_memory() {
  if (has_agreed_) return;
  has_agreed_ = true;
  const auto& caches = decoder_.caches();
  const auto [agreed, can_run_ahead] = group_.agree_with_abilities(static_cast<int32_t>(budget_.own_blocks()));
  runs_ahead_ = group_.is_tensor_parallel() && can_run_ahead;
  if (runs_ahead_) max_in_flight_ = 2;
  scheduler_.set_cache_capacity(agreed);
  if (settings_.decoder.keeps_state) scheduler_.set_state_size(-group_.least(-budget_.own_state_blocks(agreed)));
  if (settings_.cache_bytes == 0) return;
  scheduler_.set_memory(static_cast<int32_t>(std::max<int64_t>(agreed, budget_.context_blocks())),
                        static_cast<int32_t>(caches.growth_tokens() / kBlockTokens), caches.makes_rooms());
}

void StepLoop::tell_step_tokens() {
  progress_.step_tokens = in_flight_.empty() ? 0 : static_cast<int64_t>(in_flight_.front().planned.plan.tokens.size());
}

void StepLoop::deliver_oldest() {
  LaunchedStep step = std::move(in_flight_.front());
  in_flight_.pop_front();
  runner_.complete(step);
  ++steps_;
  ++progress_.layers_done;
  tell_step_tokens();
  int64_t decoded = 0, prefilled = 0;
  size_t row = 0;
  for (size_t index = 0; index < step.planned.owners.size(); ++index) {
    const auto& segment = step.planned.plan.segments[index];
    auto& owner = *step.planned.owners[index];
    --owner.in_flight;
    const bool is_prefill = segment.position < owner.prompt_tokens();
    const int32_t drawn_before = owner.drawn();
    deliver_segment(step, index, row);
    (is_prefill ? prefilled : decoded) += is_prefill ? segment.tokens : owner.drawn() - drawn_before;
  }
  const double end_ms = now_ms();
  const double begin_ms = std::max(step.launched_ms, last_delivered_ms_);
  rates_.add(end_ms, end_ms - begin_ms, decoded, prefilled);
  if (prefilled > 0) {
    pace_.add(decoded + prefilled, end_ms - begin_ms);
    lone_pace_.add(decoded + prefilled, end_ms - begin_ms);
  }
  const double end_cpu_ms = process_cpu_ms();
  log_.add({begin_ms, end_ms, step.plan_ms, decoded, prefilled, static_cast<int64_t>(step.planned.plan.tokens.size()),
            end_cpu_ms - std::max(step.launched_cpu_ms, last_delivered_cpu_ms_), counted(step.counts)});
  bound_cache(steps_, prefilled > 0);
  last_delivered_ms_ = end_ms;
  last_delivered_cpu_ms_ = end_cpu_ms;
}

void StepLoop::deliver_segment(LaunchedStep& step, size_t index, size_t& row) {
  const auto& segment = step.planned.plan.segments[index];
  Generation& generation = *step.planned.owners[index];
  const auto& request = generation.request;
  const bool is_sampled = segment.position + segment.tokens >= generation.prompt_tokens() && request.max_tokens > 0;
  const size_t choice_row = is_sampled ? row++ : row;
  if (generation.is_finished) return;
  if (segment.position < generation.prompt_tokens()) deliver_prompt(step, index);
  if (!is_sampled) return;
  const int32_t proposed = segment.position >= generation.prompt_tokens() ? segment.tokens - 1 : 0;
  deliver_choices(generation, std::move(step.result->choices[choice_row]), proposed);
  if (!step.result->forced.empty() && !generation.is_finished) hear_forced(generation, std::move(step.result->forced[choice_row]));
}

/// A step that runs already draws the first of them.
void StepLoop::hear_forced(Generation& generation, std::vector<int32_t> forced) {
  if (!generation.is_known() && !forced.empty()) forced.erase(forced.begin());
  if (!is_worth_jump(forced.size(), scheduler_.running().size())) forced.clear();
  generation.forced = std::move(forced);
}

void StepLoop::deliver_choices(Generation& generation, std::vector<Choice> choices, int32_t proposed) {
  const auto& request = generation.request;
  const double delivered_ms = now_ms();
  const bool has_jumped = generation.is_jumping && proposed > 0;
  if (has_jumped) {
    generation.is_jumping = false;
    jumped_tokens_ += static_cast<int64_t>(choices.size()) - 1;
  }
  if (generation.first_token_ms == 0) {
    generation.first_token_ms = delivered_ms;
  } else if (generation.draft && !has_jumped) {
    const double duration_ms = delivered_ms - generation.delivered_ms;
    if (proposed > 0) generation.draft->add_draft(duration_ms, proposed, static_cast<int32_t>(choices.size()) - 1);
    else generation.draft->add_plain(duration_ms);
  }
  generation.delivered_ms = delivered_ms;
  for (auto& choice : choices) {
    if (choice.is_dead_end) {
      scheduler_.finish(generation);
      return on_event_(
          GenerationErrorEvent{request.id, "grammar-unsupported",
                               "no token of the model continues the grammar's answer, or the grammar takes too long; make it simpler"});
    }
    generation.output.push_back(choice.token);
    const bool is_stop = std::find(request.stop_tokens.begin(), request.stop_tokens.end(), choice.token) != request.stop_tokens.end();
    on_event_(TokenEvent{request.id, std::move(choice), request.top_logprobs >= 0});
    if (!is_stop && generation.drawn() < request.max_tokens) continue;
    scheduler_.finish(generation);
    return end(generation, is_stop ? FinishReason::Stop : FinishReason::Length);
  }
  if (proposed == 0) return;
  // Rejected proposals do not count as samples.
  generation.launched = generation.drawn();
  generation.is_verifying = false;
}

void StepLoop::deliver_prompt(LaunchedStep& step, size_t index) {
  const auto& segment = step.planned.plan.segments[index];
  Generation& generation = *step.planned.owners[index];
  const auto& request = generation.request;
  const int32_t end_position = segment.position + segment.tokens;
  if (!generation.is_again) on_event_(PrefillProgressEvent{request.id, end_position, generation.prompt_tokens()});
  auto& scores = step.result->prompt_scores[index];
  std::move(scores.begin(), scores.end(), std::back_inserter(generation.prompt_scores));
  add_to(generation.embedding, step.result->states[index]);
  if (end_position < generation.prompt_tokens()) return;
  if (request.pooling) {
    const bool is_direction = request.pooling != Pooling::Scores;
    on_event_(EmbeddingEvent{request.id, is_direction ? of_length_one(std::move(generation.embedding)) : std::move(generation.embedding)});
  }
  if (request.prompt_logprobs) on_event_(PromptScoresEvent{request.id, request.prompt[0], std::move(generation.prompt_scores)});
  if (request.max_tokens > 0) return;
  scheduler_.finish(generation);
  end(generation, FinishReason::Length);
}

void StepLoop::end(Generation& generation, FinishReason reason) {
  const double end_ms = now_ms();
  const double started_ms = generation.started_ms > 0 ? generation.started_ms : end_ms;
  const double first_token_ms = generation.first_token_ms > 0 ? generation.first_token_ms : end_ms;
  on_event_(
      EndEvent{generation.request.id, reason, started_ms - generation.queued_ms, first_token_ms - started_ms, end_ms - first_token_ms,
               generation.cached,
               generation.draft ? std::optional(DraftCounts{generation.draft->proposed(), generation.draft->accepted()}) : std::nullopt});
}

}  // namespace exo

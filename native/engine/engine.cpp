#include "engine.h"

#include <algorithm>
#include <chrono>

#include "engine_error.h"
#include "load/weight_reader.h"
#include "model/array_decoder.h"
#include "model/cpu_decoder.h"
#include "model/cpu_support.h"

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int64_t kProgressStepBytes = 4 << 20;

std::string code_of(const std::exception& error) {
  if (const auto* known = dynamic_cast<const EngineError*>(&error)) return known->code();
  return dynamic_cast<const std::bad_alloc*>(&error) ? "out-of-memory" : "engine-failed";
}

}  // namespace

Engine::Engine(EngineSettings settings, std::function<void(EngineEvent)> on_event)
    : settings_(std::move(settings)), on_event_(std::move(on_event)), scheduler_(settings_.limits), thread_([this] { run(); }) {}

Engine::~Engine() {
  close();
  thread_.join();
}

void Engine::generate(GenerationRequest request) {
  const std::lock_guard lock(mutex_);
  commands_.emplace_back(std::move(request));
  has_command_.notify_one();
}

void Engine::cancel(std::string id) {
  const std::lock_guard lock(mutex_);
  commands_.emplace_back(Cancel{std::move(id)});
  has_command_.notify_one();
}

void Engine::follow() {
  const std::lock_guard lock(mutex_);
  commands_.emplace_back(Follow{});
  has_command_.notify_one();
}

void Engine::close() {
  const std::lock_guard lock(mutex_);
  is_closing_ = true;
  has_command_.notify_one();
}

bool Engine::wait_closed(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return has_closed_.wait_for(lock, limit, [this] { return is_closed_; });
}

EngineStats Engine::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void Engine::run() {
  try {
    load();
    serve();
  } catch (const std::exception& error) {
    // What breaks a step of several ranks is the way to another rank.
    on_event_(FailedEvent{is_stepping_ ? "group-failed" : code_of(error), error.what()});
  }
  // MLX's objects end on the thread that made them.
  in_flight_.reset();
  watch_.reset();
  runner_.reset();
  decoder_.reset();
  mx::clear_cache();
  on_event_(ClosedEvent{});
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  has_closed_.notify_all();
}

void Engine::load() {
  const double begin_ms = now_ms();
  pool_ = std::make_unique<ThreadPool>(settings_.threads);
  if (settings_.world_size > 1) group_ = RankGroup(settings_.backend, settings_.strategy, settings_.rank, settings_.world_size);
  if (group_.sockets()) {
    watch_ = std::make_unique<HangUpWatch>(*group_.sockets(), [this] { on_event_(FailedEvent{"group-failed", "a neighbouring rank of this instance is gone"}); });
  }
  std::atomic<int64_t> reported{0};
  WeightReader reader(settings_.decoder.files, [&](int64_t loaded) {
    int64_t last = reported.load();
    if (loaded - last >= kProgressStepBytes && reported.compare_exchange_strong(last, loaded)) on_event_(LoadProgressEvent{loaded});
  });
  AllSum all_sum;
  if (group_.is_tensor_parallel()) all_sum = [this](const mx::array& part) { return group_.all_sum(part); };
  const bool is_gpu = mx::default_device() == mx::Device::gpu;
  if (is_gpu || settings_.use_arrays || cpu_obstacle(settings_.decoder)) {
    decoder_ = std::make_unique<ArrayDecoder>(settings_.decoder, reader, std::move(all_sum));
  } else {
    decoder_ = std::make_unique<CpuDecoder>(settings_.decoder, reader, *pool_, std::move(all_sum));
  }
  runner_ = std::make_unique<StepRunner>(*decoder_, group_, *pool_, settings_.decoder.hidden_size, settings_.decoder.vocab_size);
  on_event_(LoadedEvent{decoder_->resident_bytes(), now_ms() - begin_ms, is_gpu});
}

void Engine::serve() {
  publish_stats();
  while (take_commands(scheduler_.is_idle() && !in_flight_)) {
    if (scheduler_.is_idle() && !in_flight_) continue;
    try {
      step();
    } catch (const std::exception& error) {
      in_flight_.reset();
      if (!group_.is_alone()) throw;
      fail_running(code_of(error), error.what());
    }
    publish_stats();
    if (scheduler_.is_idle() && !in_flight_) become_idle();
  }
}

bool Engine::take_commands(bool may_wait) {
  std::deque<Command> commands;
  {
    std::unique_lock lock(mutex_);
    if (may_wait) has_command_.wait(lock, [this] { return is_closing_ || !commands_.empty(); });
    if (is_closing_) return false;
    commands.swap(commands_);
  }
  for (auto& command : commands) std::visit([this](auto& value) { handle(std::move(value)); }, command);
  return true;
}

void Engine::handle(GenerationRequest request) {
  const auto refuse = [&](const char* code, const std::string& message) { on_event_(GenerationErrorEvent{request.id, code, message}); };
  const auto prompt_tokens = static_cast<int64_t>(request.prompt.size());
  if (prompt_tokens > settings_.context_tokens || (prompt_tokens == settings_.context_tokens && request.max_tokens > 0)) {
    return refuse("context-exceeded", "the prompt has " + std::to_string(prompt_tokens) + " tokens, and the model's context holds " + std::to_string(settings_.context_tokens));
  }
  const auto wrong = std::find_if(request.prompt.begin(), request.prompt.end(), [this](int32_t token) { return token >= settings_.decoder.vocab_size; });
  if (wrong != request.prompt.end()) {
    return refuse("invalid-token", "token " + std::to_string(*wrong) + " is not in the model's vocabulary of " + std::to_string(settings_.decoder.vocab_size));
  }
  request.max_tokens = std::min(request.max_tokens, settings_.context_tokens - static_cast<int32_t>(prompt_tokens));
  auto generation = std::make_shared<Generation>();
  generation->queued_ms = now_ms();
  generation->sampler = std::make_unique<Sampler>(request.sampling, request.prompt, request.resumed, host_kernels());
  const std::string id = request.id;
  generation->request = std::move(request);
  if (!scheduler_.add(std::move(generation))) {
    on_event_(GenerationErrorEvent{id, "engine-busy", "the engine has as many requests waiting as it takes; try again in a moment"});
  }
}

void Engine::handle(const Cancel& cancel) {
  const auto generation = scheduler_.remove(cancel.id);
  if (generation) finish(*generation, "cancelled");
}

void Engine::handle(const Follow&) {
  set_stepping(true);
  for (bool is_last = false; !is_last;) {
    auto plan = group_.receive_plan();
    is_last = plan.is_last;
    runner_->follow(std::move(plan));
    ++steps_;
    publish_stats();
  }
  set_stepping(false);
  decoder_->trim();
  mx::clear_cache();
  on_event_(StepsEndEvent{});
}

void Engine::step() {
  // Other ranks need to be sent the tokens themselves, so a group of several waits for each step's tokens.
  const bool may_overlap = group_.is_alone();
  if (!may_overlap && in_flight_) {
    deliver(*in_flight_);
    in_flight_.reset();
  }
  for (const auto& generation : scheduler_.admit()) generation->started_ms = now_ms();
  auto planned = scheduler_.next();
  std::optional<LaunchedStep> launched;
  if (!planned.plan.is_empty()) {
    if (!group_.is_alone() && !is_stepping_) {
      set_stepping(true);
      on_event_(StepsBeginEvent{});
    }
    const double launched_ms = now_ms();
    launched = runner_->launch(std::move(planned), in_flight_ ? &*in_flight_ : nullptr);
    launched->launched_ms = launched_ms;
  }
  if (in_flight_) deliver(*in_flight_);
  in_flight_ = std::move(launched);
}

void Engine::deliver(LaunchedStep& step) {
  mx::eval(step.outputs);
  ++steps_;
  int64_t decoded = 0, prefilled = 0;
  size_t row = 0;
  for (size_t index = 0; index < step.planned.owners.size(); ++index) {
    const auto& segment = step.planned.plan.segments[index];
    const bool is_prefill = segment.position < step.planned.owners[index]->prompt_tokens();
    (is_prefill ? prefilled : decoded) += segment.tokens;
    deliver_segment(step, index, row);
  }
  const double end_ms = now_ms();
  rates_.add(end_ms, end_ms - std::max(step.launched_ms, last_delivered_ms_), decoded, prefilled);
  last_delivered_ms_ = end_ms;
}

void Engine::deliver_segment(LaunchedStep& step, size_t index, size_t& row) {
  const auto& segment = step.planned.plan.segments[index];
  Generation& generation = *step.planned.owners[index];
  const auto& request = generation.request;
  const int32_t end = segment.position + segment.tokens;
  const bool is_sampled = end >= generation.prompt_tokens() && request.max_tokens > 0;
  const size_t choice_row = is_sampled ? row++ : row;
  if (generation.is_finished) return;
  if (segment.position < generation.prompt_tokens()) {
    on_event_(PrefillProgressEvent{request.id, end, generation.prompt_tokens()});
    auto& scores = step.result->prompt_scores[index];
    std::move(scores.begin(), scores.end(), std::back_inserter(generation.prompt_scores));
    if (end == generation.prompt_tokens() && request.prompt_logprobs) {
      on_event_(PromptScoresEvent{request.id, request.prompt[0], std::move(generation.prompt_scores)});
    }
    if (end == generation.prompt_tokens() && request.max_tokens == 0) {
      scheduler_.finish(generation);
      return finish(generation, "length");
    }
  }
  if (!is_sampled) return;
  Choice choice = std::move(step.result->choices[choice_row]);
  generation.last_token = choice.token;
  if (generation.drawn++ == 0) generation.first_token_ms = now_ms();
  const bool is_stop = std::find(request.stop_tokens.begin(), request.stop_tokens.end(), choice.token) != request.stop_tokens.end();
  on_event_(TokenEvent{request.id, std::move(choice), request.top_logprobs >= 0});
  if (!is_stop && generation.drawn < request.max_tokens) return;
  scheduler_.finish(generation);
  finish(generation, is_stop ? "stop" : "length");
}

void Engine::finish(Generation& generation, const char* reason) {
  const double end_ms = now_ms();
  const double started_ms = generation.started_ms > 0 ? generation.started_ms : end_ms;
  const double first_token_ms = generation.first_token_ms > 0 ? generation.first_token_ms : end_ms;
  on_event_(EndEvent{generation.request.id, reason, started_ms - generation.queued_ms, first_token_ms - started_ms, end_ms - first_token_ms, 0});
}

void Engine::fail_running(const std::string& code, const std::string& message) {
  const auto running = scheduler_.running();
  for (const auto& generation : running) {
    scheduler_.finish(*generation);
    on_event_(GenerationErrorEvent{generation->request.id, code, message});
  }
}

void Engine::set_stepping(bool is_stepping) {
  is_stepping_ = is_stepping;
  if (watch_) watch_->set_stepping(is_stepping);
}

void Engine::become_idle() {
  StepPlan plan;
  plan.released = scheduler_.take_released();
  if (is_stepping_) {
    plan.is_last = true;
    group_.send_plan(plan);
    set_stepping(false);
  }
  decoder_->prepare(std::move(plan));
  decoder_->trim();
  mx::clear_cache();
  rates_.clear();
  publish_stats();
}

void Engine::publish_stats() {
  EngineStats stats;
  stats.steps = steps_;
  stats.running = static_cast<int64_t>(scheduler_.running().size());
  stats.waiting = static_cast<int64_t>(scheduler_.waiting().size());
  stats.active_bytes = static_cast<int64_t>(mx::get_active_memory()) + decoder_->unmanaged_bytes();
  stats.kv_bytes = decoder_->kv_bytes();
  stats.decode_tokens_per_second = rates_.decode_tokens_per_second();
  stats.prefill_tokens_per_second = rates_.prefill_tokens_per_second();
  const std::lock_guard lock(mutex_);
  stats.peak_bytes = std::max(stats_.peak_bytes, stats.active_bytes);
  stats_ = stats;
}

double Engine::now_ms() const {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace exo

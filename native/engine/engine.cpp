#include "engine.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <string_view>

#include "cache/kept_tokens.h"
#include "device_memory.h"
#include "encode/encode_loop.h"
#include "engine_error.h"
#include "load/weight_reader.h"
#include "model/array/array_decoder.h"
#include "model/cpu/cpu_decoder.h"
#include "model/cpu/cpu_support.h"
#include "model/host_task.h"
#include "thread_urgency.h"
#include "warm_up.h"

namespace mx = mlx::core;

namespace exo {

namespace {

constexpr int64_t kProgressStepBytes = 4 << 20;

bool is_gpu() { return mx::default_device() == mx::Device::gpu; }

/// Whether the GPU refused or ended work. macOS may refuse all further work of such a process, so the process must end.
bool is_of_device(const std::exception& error) { return std::string_view(error.what()).starts_with("[METAL]"); }

/// @param is_group_step whether the error happened in a step of several ranks; an error without a code is then a
/// network error
std::string code_of(const std::exception& error, bool is_group_step = false) {
  if (const auto* known = dynamic_cast<const EngineError*>(&error)) return known->code();
  if (dynamic_cast<const std::bad_alloc*>(&error)) return "out-of-memory";
  // MLX's allocators throw plain std::runtime_error.
  const std::string_view message = error.what();
  if (message.starts_with("[malloc") || message.starts_with("[metal::malloc")) return "out-of-memory";
  if (is_of_device(error)) return "engine-failed";
  return is_group_step ? "group-failed" : "engine-failed";
}

int64_t size_of(const std::vector<std::string>& files) {
  int64_t bytes = 0;
  for (const auto& file : files) {
    std::error_code unreadable;
    const auto size = std::filesystem::file_size(file, unreadable);
    // If the size is unknown, opening the model reports the problem.
    if (!unreadable) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

}  // namespace

Engine::Engine(EngineSettings settings, std::function<void(EngineEvent)> on_event)
    : settings_(std::move(settings)), on_event_(std::move(on_event)), evaluator_(settings_.counts_steps), thread_([this] { run(); }) {}

Engine::~Engine() {
  grammars_.reset();
  close();
  thread_.join();
}

void Engine::set_vocabulary(Vocabulary vocabulary) {
  grammars_ = std::make_unique<GrammarCompiler>(std::move(vocabulary), settings_.decoder.vocab_size);
}

void Engine::generate(GenerationRequest request) {
  if (request.grammar) return compile(std::move(request));
  const std::lock_guard lock(mutex_);
  commands_.emplace_back(std::move(request));
  has_command_.notify_one();
}

void Engine::compile(GenerationRequest request) {
  if (!grammars_) return on_event_(GenerationErrorEvent{request.id, "grammar-unsupported", "the model's vocabulary is not known"});
  {
    const std::lock_guard lock(mutex_);
    compiling_.insert(request.id);
  }
  auto spec = *std::exchange(request.grammar, std::nullopt);
  grammars_->compile(std::move(spec), [this, request = std::move(request)](CompiledGrammar compiled) mutable {
    take_compiled(std::move(request), std::move(compiled));
  });
}

void Engine::take_compiled(GenerationRequest request, CompiledGrammar compiled) {
  {
    const std::lock_guard lock(mutex_);
    const bool is_wanted = compiling_.erase(request.id) > 0;
    if (is_wanted && compiled.grammar) {
      request.sampling.grammar = std::move(compiled.grammar);
      commands_.emplace_back(std::move(request));
      has_command_.notify_one();
      return;
    }
    if (!is_wanted) return;
  }
  on_event_(GenerationErrorEvent{request.id, compiled.code, compiled.message});
}

void Engine::cancel(std::string id) {
  std::unique_lock lock(mutex_);
  if (compiling_.erase(id) > 0) {
    lock.unlock();
    return on_event_(EndEvent{std::move(id), FinishReason::Cancelled, 0, 0, 0, 0, std::nullopt});
  }
  commands_.emplace_back(Cancel{std::move(id)});
  has_command_.notify_one();
}

void Engine::load_draft(std::string draft_id, DecoderSpec decoder) {
  const std::lock_guard lock(mutex_);
  commands_.emplace_back(LoadDraft{std::move(draft_id), std::move(decoder)});
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
  return with_commands();
}

/// A step can take long. Commands that arrive meanwhile are queued until it ends, but the stats count them already.
EngineStats Engine::with_commands() const {
  auto stats = stats_;
  std::set<std::string> queued;
  for (const auto& command : commands_) {
    if (const auto* request = std::get_if<GenerationRequest>(&command)) queued.insert(request->id);
    const auto* cancelled = std::get_if<Cancel>(&command);
    if (!cancelled || queued.erase(cancelled->id) > 0) continue;
    auto& count = stats.waiting > 0 ? stats.waiting : stats.running;
    count = std::max<int64_t>(0, count - 1);
  }
  stats.waiting += static_cast<int64_t>(queued.size());
  return stats;
}

void Engine::run() {
  make_thread_urgent();
  try {
    load();
    serve();
  } catch (const std::exception& error) {
    on_event_(FailedEvent{code_of(error, loop_ && loop_->is_stepping()), error.what()});
  }
  // MLX's objects must be destroyed on the thread that created them.
  loop_.reset();
  watch_.reset();
  decoder_.reset();
  encoder_.reset();
  mx::clear_cache();
  on_event_(ClosedEvent{});
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  has_closed_.notify_all();
}

void Engine::load() {
  const auto begin = std::chrono::steady_clock::now();
  bound_device_memory();
  make_stream_urgent(mx::default_stream(mx::Device::cpu));
  pool_ = std::make_unique<ThreadPool>(settings_.threads);
  if (settings_.world_size > 1)
    group_ = RankGroup(settings_.backend, settings_.strategy, settings_.rank, settings_.world_size, settings_.ring, &evaluator_);
  if (group_.sockets()) {
    watch_ = std::make_unique<HangUpWatch>(*group_.sockets(),
                                           [this](const std::string& fault) { on_event_(FailedEvent{"group-failed", fault}); });
  }
  std::atomic<int64_t> reported{0}, known{0};
  const auto report = [&](int64_t loaded) {
    for (int64_t before = known; before < loaded && !known.compare_exchange_weak(before, loaded);) {
    }
    int64_t last = reported.load();
    if (loaded - last >= kProgressStepBytes && reported.compare_exchange_strong(last, loaded)) on_event_(LoadProgressEvent{loaded});
  };
  if (settings_.encoder) load_encoder(*settings_.encoder, report);
  else load_decoder(report, known);
  const std::chrono::duration<double, std::milli> duration = std::chrono::steady_clock::now() - begin;
  on_event_(LoadedEvent{decoder_ ? decoder_->resident_bytes() : encoder_->resident_bytes(), duration.count(), is_gpu()});
}

void Engine::load_decoder(const std::function<void(int64_t)>& report, const std::atomic<int64_t>& known) {
  AllSum all_sum;
  if (group_.is_tensor_parallel()) {
    all_sum = [this](const mx::array& part) { return is_warming_up_ ? part : group_.all_sum(part); };
  }
  decoder_ = open_decoder(settings_.decoder, report, std::move(all_sum), settings_.kept_bits);
  if (is_gpu() || settings_.use_arrays) {
    is_warming_up_ = true;
    warm_up({*decoder_, group_, evaluator_, progress_, settings_.context_tokens, settings_.decoder.vocab_size},
            [&] { on_event_(LoadProgressEvent{known}); });
    is_warming_up_ = false;
  }
  auto loop = std::make_unique<StepLoop>(settings_, group_, *decoder_, *pool_, watch_.get(), step_log_, progress_, evaluator_, on_event_);
  steps_ = loop.get();
  loop_ = std::move(loop);
}

void Engine::load_encoder(const EncoderSpec& spec, const std::function<void(int64_t)>& report) {
  WeightReader reader(spec.files, report);
  encoder_ = std::make_unique<ArrayEncoder>(spec, reader, *pool_, progress_, evaluator_, is_gpu() || settings_.keeps_types);
  loop_ = std::make_unique<EncodeLoop>(settings_, *encoder_, step_log_, progress_, evaluator_, on_event_);
}

std::unique_ptr<Decoder> Engine::open_decoder(const DecoderSpec& spec, std::function<void(int64_t)> on_loaded, AllSum all_sum,
                                              int32_t kept_bits) {
  WeightReader reader(spec.files, std::move(on_loaded));
  if (is_gpu() || settings_.use_arrays || (kept_bits > 0 && kept_bits < kHalfBits) || cpu_obstacle(spec)) {
    return std::make_unique<ArrayDecoder>(spec, reader, *pool_, std::move(all_sum), progress_, evaluator_,
                                          is_gpu() || settings_.keeps_types, kept_bits);
  }
  return std::make_unique<CpuDecoder>(spec, reader, *pool_, std::move(all_sum), progress_,
                                      kept_bits == kHalfBits ? KvNumber::BFloat16 : KvNumber::Float32);
}

void Engine::serve() {
  publish_stats();
  while (take_commands(loop_->is_resting())) {
    try {
      if (!loop_->is_idle()) loop_->step([this] { publish_stats(); });
    } catch (const std::exception& error) {
      if (!group_.is_alone() || is_of_device(error)) throw;
      loop_->abandon(code_of(error), error.what());
    }
    if (loop_->is_idle() && !loop_->is_resting()) loop_->rest();
    publish_stats();
  }
}

bool Engine::take_commands(bool may_wait) {
  std::deque<Command> commands;
  {
    std::unique_lock lock(mutex_);
    if (may_wait) has_command_.wait(lock, [this] { return is_closing_ || !commands_.empty(); });
    if (is_closing_) return false;
    stats_ = with_commands();
    commands.swap(commands_);
  }
  for (auto& command : commands) std::visit([this](auto& value) { handle(std::move(value)); }, command);
  if (!commands.empty()) publish_stats();
  return true;
}

void Engine::handle(const Follow&) {
  if (!steps_) throw EngineError("group-failed", "an encoder has only one rank");
  steps_->follow([this] { publish_stats(); });
  on_event_(StepsEndEvent{});
}

void Engine::handle(const LoadDraft& draft) {
  try {
    if (!steps_) throw EngineError("draft-failed", "an encoder draws no tokens");
    // The previous draft is unloaded first, because memory may not suffice for both.
    draft_decoder_ = nullptr;
    steps_->set_drafter(nullptr);
    // A draft that is clearly too large is refused without reading its weights.
    check_draft_room(size_of(draft.decoder.files));
    auto decoder = open_decoder(draft.decoder, [](int64_t) {}, {}, 0);
    // The draft's sequences are as long as the model's. Its caches double as they grow, because their final length is unknown.
    const int64_t growth = decoder->caches().makes_rooms() ? 2 : 1;
    const int64_t state_bytes = settings_.limits.max_batch * static_cast<int64_t>(kRememberedStates + 1) * decoder->caches().state_bytes();
    const int64_t cached_bytes = growth * steps_->most_kept_tokens() / kBlockTokens * decoder->caches().block_bytes() + state_bytes;
    check_draft_room(decoder->resident_bytes() + cached_bytes);
    auto drafter = std::make_unique<Drafter>(draft.id, std::move(decoder), draft.decoder.vocab_size, evaluator_);
    draft_decoder_ = &drafter->decoder();
    steps_->set_drafter(std::move(drafter));
    on_event_(DraftLoadedEvent{draft.id});
  } catch (const std::exception& error) {
    on_event_(DraftFailedEvent{draft.id, code_of(error), error.what()});
  }
}

void Engine::check_draft_room(int64_t bytes) const {
  if (!settings_.draft_bytes || bytes <= *settings_.draft_bytes) return;
  const auto megabytes = [](int64_t count) { return std::to_string(count / 1'000'000) + " MB"; };
  throw EngineError("draft-failed", "it takes " + megabytes(bytes) + ", and the memory limit leaves " + megabytes(*settings_.draft_bytes) +
                                        " beside the model; load the model with a shorter context, or raise --max-memory");
}

void Engine::publish_stats() {
  auto stats = loop_->stats();
  stats.cache_bytes = static_cast<int64_t>(mx::get_cache_memory());
  if (evaluator_.counts()) stats.counts = evaluator_.total();
  stats.active_bytes = static_cast<int64_t>(mx::get_active_memory()) + stats.cache_bytes + (decoder_ ? decoder_->unmanaged_bytes() : 0) +
                       (draft_decoder_ ? draft_decoder_->unmanaged_bytes() : 0);
  const std::lock_guard lock(mutex_);
  stats.peak_bytes = std::max(stats_.peak_bytes, stats.active_bytes);
  stats_ = stats;
}

}  // namespace exo

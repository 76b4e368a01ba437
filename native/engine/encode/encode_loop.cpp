#include "encode_loop.h"

#include <algorithm>
#include <utility>

#include "../device_memory.h"
#include "../unknown_token.h"
#include "encode_batch.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// The most tokens of a batch: a GPU is busy with fewer.
constexpr int32_t kMostBatchTokens = 8192;
/// The target length of a batch. A cancellation or a new text waits no longer than this.
constexpr double kBatchMs = 500;

}  // namespace

EncodeLoop::EncodeLoop(const EngineSettings& settings, ArrayEncoder& encoder, StepLog& log, StepProgress& progress,
                       GraphEvaluator& evaluator, std::function<void(EngineEvent)> on_event)
    : settings_(settings),
      encoder_(encoder),
      log_(log),
      progress_(progress),
      evaluator_(evaluator),
      on_event_(std::move(on_event)),
      pace_(kMostBatchTokens, kBatchMs) {}

void EncodeLoop::add(GenerationRequest request) {
  const auto refuse = [&](const char* code, const std::string& message) { on_event_(GenerationErrorEvent{request.id, code, message}); };
  const auto tokens = static_cast<int64_t>(request.prompt.size());
  if (!request.pooling || request.max_tokens > 0)
    return refuse("model-unsupported", "the model generates no text: it makes embeddings or compares texts");
  if (request.pooling == Pooling::Scores && !encoder_.is_classifier())
    return refuse("model-unsupported", "the model makes embeddings and no scores");
  if (tokens > settings_.context_tokens)
    return refuse("context-exceeded", "the text has " + std::to_string(tokens) + " tokens, and the model takes at most " +
                                          std::to_string(settings_.context_tokens));
  if (const auto unknown = unknown_token(request.prompt, encoder_.vocab_size())) return refuse("invalid-token", *unknown);
  const auto& limits = settings_.limits;
  if (static_cast<int64_t>(waiting_.size()) >= int64_t{limits.max_batch} + limits.max_waiting)
    return refuse("engine-busy", "the engine has as many requests waiting as it takes; try again in a moment");
  is_resting_ = false;
  waiting_.push_back({std::move(request), now_ms()});
}

void EncodeLoop::cancel(const std::string& id) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& text) { return text.request.id == id; });
  if (found == waiting_.end()) return;
  const double end_ms = now_ms();
  end(*found, FinishReason::Cancelled, end_ms, end_ms);
  waiting_.erase(found);
}

void EncodeLoop::step(const std::function<void()>& after_launch) {
  batch_ = take_batch();
  std::vector<EncodedText> texts;
  int64_t tokens = 0;
  for (const auto& [request, queued_ms] : batch_) {
    texts.push_back({&request.prompt, request.second_tokens, *request.pooling});
    tokens += static_cast<int64_t>(request.prompt.size());
  }
  const double begin_ms = now_ms();
  const double begin_cpu_ms = process_cpu_ms();
  progress_.step_tokens = tokens;
  after_launch();
  auto vectors = encoder_.encode(texts);
  const double end_ms = now_ms();
  progress_.step_tokens = 0;
  ++progress_.layers_done;
  ++steps_;
  pace_.add(tokens, end_ms - begin_ms);
  rates_.add(end_ms, end_ms - begin_ms, 0, tokens);
  const auto counts = evaluator_.take();
  log_.add({begin_ms, end_ms, 0, 0, tokens, tokens, process_cpu_ms() - begin_cpu_ms,
            evaluator_.counts() ? std::optional(counts) : std::nullopt});
  for (size_t index = 0; index < batch_.size(); ++index) {
    const auto& request = batch_[index].request;
    const bool is_direction = request.pooling != Pooling::Scores;
    on_event_(EmbeddingEvent{request.id, is_direction ? of_length_one(std::move(vectors[index])) : std::move(vectors[index])});
    end(batch_[index], FinishReason::Length, begin_ms, end_ms);
  }
  batch_.clear();
  bound_cache(steps_, true);
}

std::vector<EncodeLoop::Waiting> EncodeLoop::take_batch() {
  std::vector<int32_t> lengths;
  for (const auto& text : waiting_) lengths.push_back(static_cast<int32_t>(text.request.prompt.size()));
  std::vector<Waiting> batch;
  const auto chosen = choose_encode_batch(lengths, pace_.tokens());
  for (const auto index : chosen) batch.push_back(std::move(waiting_[index]));
  for (auto index = chosen.rbegin(); index != chosen.rend(); ++index) waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(*index));
  return batch;
}

void EncodeLoop::rest() {
  is_resting_ = true;
  rates_.clear();
  mx::clear_cache();
}

void EncodeLoop::abandon(const std::string& code, const std::string& message) {
  progress_.step_tokens = 0;
  for (const auto& text : batch_) on_event_(GenerationErrorEvent{text.request.id, code, message});
  for (const auto& text : waiting_) on_event_(GenerationErrorEvent{text.request.id, code, message});
  batch_.clear();
  waiting_.clear();
}

EngineStats EncodeLoop::stats() const {
  EngineStats stats;
  stats.steps = steps_;
  stats.running = static_cast<int64_t>(batch_.size());
  stats.waiting = static_cast<int64_t>(waiting_.size());
  stats.prefill_tokens_per_second = rates_.prefill_tokens_per_second();
  return stats;
}

void EncodeLoop::end(const Waiting& text, FinishReason reason, double begin_ms, double end_ms) {
  on_event_(EndEvent{text.request.id, reason, begin_ms - text.queued_ms, end_ms - begin_ms, 0, 0, std::nullopt});
}

}  // namespace exo

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sample/sampler.h"
#include "step_counts.h"

namespace exo {

struct LoadedEvent {
  int64_t resident_bytes;
  double load_ms;
  bool is_gpu;
};
struct LoadProgressEvent {
  int64_t loaded_bytes;
};
/// Loading failed or the engine broke. No further event follows.
struct FailedEvent {
  std::string code, message;
};
struct PrefillProgressEvent {
  std::string id;
  int32_t done_tokens, total_tokens;
};
/// One entry per prompt token; the first has no logprob.
struct PromptScoresEvent {
  std::string id;
  int32_t first_token;
  std::vector<Choice> scores;
};
/// The embedding of a prompt, normalized to length 1, or its scores.
struct EmbeddingEvent {
  std::string id;
  std::vector<double> vector;
};
struct TokenEvent {
  std::string id;
  Choice choice;
  bool has_logprob;
};
struct DraftCounts {
  int64_t proposed, accepted;
};
enum class FinishReason { Stop, Length, Cancelled };
struct EndEvent {
  std::string id;
  FinishReason finish_reason;
  double queue_ms, prefill_ms, decode_ms;
  int32_t cached_tokens;
  /// The id of the draft, if there is one.
  std::optional<DraftCounts> draft;
};
struct GenerationErrorEvent {
  std::string id, code, message;
};
struct DraftLoadedEvent {
  std::string draft_id;
};
/// The draft cannot be used; the engine continues without it.
struct DraftFailedEvent {
  std::string draft_id, code, message;
};
/// Rank 0 has work again. The other ranks must call `follow`.
struct StepsBeginEvent {};
/// This rank left the step loop because rank 0 is idle.
struct StepsEndEvent {};
struct ClosedEvent {};

using EngineEvent =
    std::variant<LoadedEvent, LoadProgressEvent, FailedEvent, PrefillProgressEvent, PromptScoresEvent, EmbeddingEvent, TokenEvent, EndEvent,
                 GenerationErrorEvent, DraftLoadedEvent, DraftFailedEvent, StepsBeginEvent, StepsEndEvent, ClosedEvent>;

struct EngineStats {
  int64_t steps = 0;
  /// Tokens that a grammar forced and that took no step of their own.
  int64_t jumped_tokens = 0;
  int64_t running = 0, waiting = 0;
  int64_t active_bytes = 0, peak_bytes = 0, kv_bytes = 0, prefix_cache_bytes = 0, sent_bytes = 0;
  double decode_tokens_per_second = 0, prefill_tokens_per_second = 0;
  /// Memory that MLX keeps for later allocations, in bytes.
  int64_t cache_bytes = 0;
  /// The sum over all steps, if they are counted.
  std::optional<StepCounts> counts;
};

}  // namespace exo

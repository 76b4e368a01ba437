#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "kernels/thread_pool.h"
#include "model/decoder.h"
#include "parallel/hang_up_watch.h"
#include "parallel/rank_group.h"
#include "schedule/scheduler.h"
#include "step_rates.h"
#include "step_runner.h"

namespace exo {

struct EngineSettings {
  DecoderSpec decoder;
  SchedulerLimits limits;
  /// Longest sequence.
  int32_t context_tokens = 0;
  int32_t threads = 1;
  /// "local", or MLX's name of a distributed backend.
  std::string backend = "local";
  Strategy strategy = Strategy::Pipeline;
  int32_t rank = 0;
  int32_t world_size = 1;
  /// Composes MLX's own operations, as a GPU must, also where the CPU kernels could run.
  bool use_arrays = false;
};

struct LoadedEvent {
  int64_t resident_bytes;
  double load_ms;
  bool is_gpu;
};
struct LoadProgressEvent {
  int64_t loaded_bytes;
};
/// Loading failed or the engine broke: nothing follows.
struct FailedEvent {
  std::string code, message;
};
struct PrefillProgressEvent {
  std::string id;
  int32_t done_tokens, total_tokens;
};
/// One per prompt token; the first has no logprob.
struct PromptScoresEvent {
  std::string id;
  int32_t first_token;
  std::vector<Choice> scores;
};
struct TokenEvent {
  std::string id;
  Choice choice;
  bool has_logprob;
};
struct EndEvent {
  std::string id;
  const char* finish_reason;
  double queue_ms, prefill_ms, decode_ms;
  int32_t cached_tokens;
};
struct GenerationErrorEvent {
  std::string id, code, message;
};
/// Rank 0 has work again: the other ranks must follow.
struct StepsBeginEvent {};
/// This rank left the step loop because rank 0 is idle.
struct StepsEndEvent {};
struct ClosedEvent {};

using EngineEvent = std::variant<LoadedEvent, LoadProgressEvent, FailedEvent, PrefillProgressEvent, PromptScoresEvent, TokenEvent, EndEvent,
                                 GenerationErrorEvent, StepsBeginEvent, StepsEndEvent, ClosedEvent>;

struct EngineStats {
  int64_t steps = 0;
  int64_t running = 0, waiting = 0;
  int64_t active_bytes = 0, peak_bytes = 0, kv_bytes = 0, prefix_cache_bytes = 0;
  double decode_tokens_per_second = 0, prefill_tokens_per_second = 0;
};

/// A shard: its own thread owns MLX, the model and the step loop. All methods may be called from any thread and return
/// at once; what comes of them is told by events, from the engine's threads.
class Engine {
 public:
  Engine(EngineSettings settings, std::function<void(EngineEvent)> on_event);
  /// Stops after the step that runs.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void generate(GenerationRequest request);
  void cancel(std::string id);
  /// Ranks above 0: joins rank 0's steps until it is idle.
  void follow();
  /// Ends every generation; ClosedEvent is the last event.
  void close();
  /// @returns whether the engine's thread has ended, or nearly so, within the limit
  bool wait_closed(std::chrono::milliseconds limit);
  /// Leaves a thread that hangs alone for good; this object must then be kept for ever.
  void abandon() { thread_.detach(); }
  EngineStats stats() const;

 private:
  struct Cancel {
    std::string id;
  };
  struct Follow {};
  using Command = std::variant<GenerationRequest, Cancel, Follow>;

  void run();
  void load();
  void serve();
  /// @returns false when the engine is to close
  bool take_commands(bool may_wait);
  void handle(GenerationRequest request);
  void handle(const Cancel& cancel);
  void handle(const Follow& follow);
  void step();
  void deliver(LaunchedStep& step);
  void deliver_segment(LaunchedStep& step, size_t index, size_t& row);
  void finish(Generation& generation, const char* reason);
  void fail_running(const std::string& code, const std::string& message);
  void set_stepping(bool is_stepping);
  void become_idle();
  void publish_stats();
  double now_ms() const;

  EngineSettings settings_;
  std::function<void(EngineEvent)> on_event_;

  mutable std::mutex mutex_;
  std::condition_variable has_command_;
  std::deque<Command> commands_;
  bool is_closing_ = false;
  std::condition_variable has_closed_;
  bool is_closed_ = false;
  EngineStats stats_;

  // The engine's thread alone:
  std::unique_ptr<ThreadPool> pool_;
  RankGroup group_;
  std::unique_ptr<HangUpWatch> watch_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<StepRunner> runner_;
  Scheduler scheduler_;
  std::optional<LaunchedStep> in_flight_;
  StepRates rates_;
  int64_t steps_ = 0;
  double last_delivered_ms_ = 0;
  bool is_stepping_ = false;

  std::thread thread_;
};

}  // namespace exo

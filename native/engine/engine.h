#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>

#include "engine_events.h"
#include "engine_settings.h"
#include "grammar/grammar_compiler.h"
#include "graph_evaluator.h"
#include "kernels/thread_pool.h"
#include "model/decoder.h"
#include "model/encoder/array_encoder.h"
#include "parallel/ring/hang_up_watch.h"
#include "parallel/rank_group.h"
#include "step_log.h"
#include "step_loop.h"

namespace exo {

/// A shard of a model. Its own thread owns MLX, the model and the step loop. All methods may be called from any thread
/// and return immediately; results are reported as events, from the engine's threads.
class Engine {
 public:
  Engine(EngineSettings settings, std::function<void(EngineEvent)> on_event);
  /// Ends the thread after the current step.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Rank 0: the tokens' bytes, for grammars. Compilations that are under way are not reported.
  void set_vocabulary(Vocabulary vocabulary);
  void generate(GenerationRequest request);
  void cancel(std::string id);
  /// Rank 0 only: loads a whole draft model, which generations may name. It replaces the previous one.
  void load_draft(std::string draft_id, DecoderSpec decoder);
  /// All ranks but 0: takes part in rank 0's steps until rank 0 is idle.
  void follow();
  /// Ends every generation; ClosedEvent is the last event.
  void close();
  /// @returns whether the engine's thread ends within the limit
  bool wait_closed(std::chrono::milliseconds limit);
  /// Detaches a thread that hangs. This object must then never be destroyed.
  void abandon() { thread_.detach(); }
  EngineStats stats() const;
  /// The current progress, also during a step.
  const StepProgress& progress() const { return progress_; }
  /// The last steps, oldest first.
  std::vector<StepTimes> steps() const { return step_log_.read(); }

 private:
  struct Cancel {
    std::string id;
  };
  struct Follow {};
  struct LoadDraft {
    std::string id;
    DecoderSpec decoder;
  };
  using Command = std::variant<GenerationRequest, Cancel, Follow, LoadDraft>;

  void compile(GenerationRequest request);
  void take_compiled(GenerationRequest request, CompiledGrammar compiled);
  void run();
  void load();
  void load_decoder(const std::function<void(int64_t)>& report, const std::atomic<int64_t>& known);
  void load_encoder(const EncoderSpec& spec, const std::function<void(int64_t)>& report);
  void serve();
  /// @returns false if the engine should close
  bool take_commands(bool may_wait);
  void handle(GenerationRequest request) { loop_->add(std::move(request)); }
  void handle(const Cancel& cancel) { loop_->cancel(cancel.id); }
  void handle(const Follow& follow);
  void handle(const LoadDraft& draft);
  /// @throws EngineError `draft-failed` if a draft needs more memory than allowed
  void check_draft_room(int64_t bytes) const;
  std::unique_ptr<Decoder> open_decoder(const DecoderSpec& spec, std::function<void(int64_t)> on_loaded, AllSum all_sum, int32_t kept_bits);
  void publish_stats();
  /// The stats of the last step, adjusted for the commands that have arrived since. The caller holds the lock.
  EngineStats with_commands() const;

  EngineSettings settings_;
  std::function<void(EngineEvent)> on_event_;

  mutable std::mutex mutex_;
  std::condition_variable has_command_;
  std::deque<Command> commands_;
  bool is_closing_ = false;
  /// Requests whose grammar is being compiled.
  std::set<std::string> compiling_;
  std::condition_variable has_closed_;
  bool is_closed_ = false;
  EngineStats stats_;
  StepLog step_log_;
  StepProgress progress_;

  // Used only by the engine's thread:
  std::unique_ptr<ThreadPool> pool_;
  GraphEvaluator evaluator_;
  RankGroup group_;
  std::unique_ptr<HangUpWatch> watch_;
  /// Null for an encoder.
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<ArrayEncoder> encoder_;
  /// The draft model's decoder, for its memory use; null if there is none. Owned by the loop.
  Decoder* draft_decoder_ = nullptr;
  std::unique_ptr<EngineLoop> loop_;
  /// The same loop, if it is a decoder's; else null.
  StepLoop* steps_ = nullptr;
  /// Sums over ranks are then this rank's own parts.
  bool is_warming_up_ = false;

  // The caller's thread alone; its threads call this object until its end.
  std::unique_ptr<GrammarCompiler> grammars_;

  std::thread thread_;
};

}  // namespace exo

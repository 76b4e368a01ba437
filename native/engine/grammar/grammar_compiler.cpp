#include "grammar_compiler.h"

#include <xgrammar/compiler.h>
#include <xgrammar/config.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "matcher_guide.h"

namespace exo {

namespace {

using Clock = std::chrono::steady_clock;

/// Longest compilation. What takes longer is a grammar made to be slow.
constexpr auto kCompileLimit = std::chrono::milliseconds(900);
/// Longest wait for a thread.
constexpr auto kQueueLimit = std::chrono::seconds(10);
constexpr size_t kThreads = 2;
/// Compilations beyond their limit, which cannot be stopped. With this many, no further one starts.
constexpr size_t kMostLeftAlone = 4;
constexpr size_t kMostWaiting = 64;
constexpr int64_t kKeptBytes = 64 << 20;
/// Grammars that are kept with their masks.
constexpr size_t kMostKept = 32;
constexpr size_t kMostKeptBytes = 128 << 20;
/// Spaces and line breaks between two tokens of JSON, so that a model cannot write them for ever.
constexpr int kMostWhitespace = 64;
constexpr int kMostNested = 1000;
/// The masks of a grammar are made when its states are first reached: all of them take seconds for thirty tools and a large vocabulary.
constexpr bool kMakesMasksLate = true;

class MatcherGrammar : public TokenGrammar {
 public:
  MatcherGrammar(xgrammar::CompiledGrammar compiled, std::vector<int32_t> end_tokens, int32_t vocab_size, bool is_limited)
      : compiled_(std::move(compiled)),
        end_tokens_(std::move(end_tokens)),
        vocab_size_(vocab_size),
        is_too_slow_(is_limited ? std::make_shared<std::atomic<bool>>(false) : nullptr) {}

  std::unique_ptr<TokenGuide> begin() const override {
    return std::make_unique<MatcherGuide>(xgrammar::GrammarMatcher(compiled_, end_tokens_), vocab_size_, is_too_slow_);
  }

  size_t bytes() const { return compiled_.MemorySizeBytes(); }

 private:
  xgrammar::CompiledGrammar compiled_;
  std::vector<int32_t> end_tokens_;
  int32_t vocab_size_;
  /// Whether a guide has waited too long at one of its places.
  std::shared_ptr<std::atomic<bool>> is_too_slow_;
};

xgrammar::CompiledGrammar compiled(xgrammar::GrammarCompiler& compiler, const GrammarSpec& spec) {
  switch (spec.kind) {
    case GrammarKind::JsonSchema: return compiler.CompileJSONSchema(spec.text, true, std::nullopt, std::nullopt, true, kMostWhitespace);
    case GrammarKind::Ebnf: return compiler.CompileGrammar(spec.text);
    case GrammarKind::Regex: return compiler.CompileRegex(spec.text);
    case GrammarKind::StructuralTag: return compiler.CompileStructuralTag(spec.text);
  }
  throw std::invalid_argument("an unknown kind of grammar");
}

/// Whether a client has written rules of its own, which may be made to be slow. What a schema becomes is not, and a limit needs a
/// thread, which costs more than its masks.
bool has_own_rules(const GrammarSpec& spec) {
  const auto has = [&](const char* type) { return spec.text.find(type) != std::string::npos; };
  switch (spec.kind) {
    case GrammarKind::JsonSchema: return false;
    case GrammarKind::Ebnf: return true;
    case GrammarKind::Regex: return true;
    case GrammarKind::StructuralTag: return has("\"grammar\"") || has("\"regex\"");
  }
  throw std::invalid_argument("an unknown kind of grammar");
}

CompiledGrammar refusal(std::string message) { return {nullptr, "grammar-unsupported", std::move(message)}; }

CompiledGrammar busy() { return {nullptr, "engine-busy", "the engine compiles as many grammars as it can; try again in a moment"}; }

}  // namespace

struct GrammarCompiler::Shared {
  struct Job {
    GrammarSpec spec;
    /// Empty once called.
    OnDone on_done;
    Clock::time_point limit;
  };

  Shared(Vocabulary vocabulary, int32_t vocab_size_)
      : vocab_size(vocab_size_),
        compiler(xgrammar::TokenizerInfo(vocabulary, xgrammar::VocabType::RAW, vocab_size_, std::vector<int32_t>{}), 1, true, kKeptBytes,
                 kMakesMasksLate) {}

  const int32_t vocab_size;
  /// Thread-safe.
  xgrammar::GrammarCompiler compiler;

  std::mutex mutex;
  std::condition_variable changed;
  bool is_closed = false;
  std::deque<std::shared_ptr<Job>> waiting;
  std::deque<std::shared_ptr<Job>> running;
  size_t left_alone = 0;
  /// The newest first.
  std::list<std::pair<GrammarSpec, std::shared_ptr<const MatcherGrammar>>> kept;

  /// Null if it is not kept. The caller holds the lock.
  std::shared_ptr<const MatcherGrammar> kept_grammar(const GrammarSpec& spec) {
    const auto found = std::ranges::find(kept, spec, [](const auto& entry) { return entry.first; });
    if (found == kept.end()) return nullptr;
    kept.splice(kept.begin(), kept, found);
    return found->second;
  }

  /// The caller holds the lock.
  void keep(const GrammarSpec& spec, const std::shared_ptr<const MatcherGrammar>& grammar) {
    kept.emplace_front(spec, grammar);
    size_t bytes = 0, count = 0;
    const auto first_dropped = std::ranges::find_if(kept, [&](const auto& entry) {
      bytes += entry.second->bytes();
      return ++count > 1 && (count > kMostKept || bytes > kMostKeptBytes);
    });
    kept.erase(first_dropped, kept.end());
  }

  /// The caller holds the lock, so that nothing is called after the compiler's end.
  static void finish(Job& job, CompiledGrammar result) {
    if (const auto on_done = std::exchange(job.on_done, nullptr)) on_done(std::move(result));
  }

  CompiledGrammar result_of(const GrammarSpec& spec) {
    try {
      auto grammar = std::make_shared<MatcherGrammar>(compiled(compiler, spec), spec.end_tokens, vocab_size, has_own_rules(spec));
      // A grammar that cannot begin, or takes too long to, fails here, and not in the engine's thread.
      grammar->begin()->allowed();
      const std::lock_guard lock(mutex);
      keep(spec, grammar);
      return {std::move(grammar), {}, {}};
    } catch (const std::exception& error) {
      return refusal(error.what());
    }
  }

  /// The caller holds the lock.
  static void start_next(const std::shared_ptr<Shared>& shared) {
    while (!shared->waiting.empty() && shared->running.size() < kThreads && shared->left_alone < kMostLeftAlone) {
      const auto job = shared->waiting.front();
      shared->waiting.pop_front();
      job->limit = Clock::now() + kCompileLimit;
      shared->running.push_back(job);
      std::thread([shared, job] {
        auto result = shared->result_of(job->spec);
        const std::lock_guard lock(shared->mutex);
        finish(*job, std::move(result));
        if (std::erase(shared->running, job) == 0) --shared->left_alone;
        if (!shared->is_closed) start_next(shared);
      }).detach();
    }
    shared->changed.notify_all();
  }

  /// Ends what is late, until the compiler closes.
  static void watch(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock(shared->mutex);
    while (!shared->is_closed) {
      const auto now = Clock::now();
      const auto is_late = [now](const auto& job) { return job->limit <= now; };
      for (const auto& job : shared->running) {
        if (is_late(job)) finish(*job, refusal("it takes too long to compile; make it simpler"));
      }
      shared->left_alone += std::erase_if(shared->running, is_late);
      for (const auto& job : shared->waiting) {
        if (is_late(job)) finish(*job, busy());
      }
      std::erase_if(shared->waiting, is_late);
      start_next(shared);
      std::optional<Clock::time_point> next;
      for (const auto* jobs : {&shared->running, &shared->waiting}) {
        for (const auto& job : *jobs) next = std::min(next.value_or(job->limit), job->limit);
      }
      if (next) shared->changed.wait_until(lock, *next);
      else shared->changed.wait(lock);
    }
  }
};

GrammarCompiler::GrammarCompiler(Vocabulary vocabulary, int32_t vocab_size) {
  xgrammar::SetMaxRecursionDepth(kMostNested);
  vocabulary.resize(std::min(vocabulary.size(), static_cast<size_t>(vocab_size)));
  shared_ = std::make_shared<Shared>(std::move(vocabulary), vocab_size);
  std::thread([shared = shared_] { Shared::watch(shared); }).detach();
}

GrammarCompiler::~GrammarCompiler() {
  const std::lock_guard lock(shared_->mutex);
  shared_->is_closed = true;
  for (const auto* jobs : {&shared_->running, &shared_->waiting}) {
    for (const auto& job : *jobs) job->on_done = nullptr;
  }
  shared_->waiting.clear();
  shared_->changed.notify_all();
}

void GrammarCompiler::compile(GrammarSpec spec, OnDone on_done) {
  const std::lock_guard lock(shared_->mutex);
  if (auto kept = shared_->kept_grammar(spec)) return on_done({std::move(kept), {}, {}});
  if (shared_->waiting.size() >= kMostWaiting) return on_done(busy());
  shared_->waiting.push_back(std::make_shared<Shared::Job>(Shared::Job{std::move(spec), std::move(on_done), Clock::now() + kQueueLimit}));
  Shared::start_next(shared_);
}

}  // namespace exo

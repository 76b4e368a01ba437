// Tests scheduler, plans and caches together, without a model. Ranks write each token in place of its keys, and a drawn
// token depends on the whole content of its sequence's cache.
#include <deque>
#include <random>

#include "../cache/paged_caches.h"
#include "../schedule/scheduler.h"
#include "test.h"

using namespace exo;

namespace {

using Tokens = std::vector<int32_t>;

int32_t next_token(const Tokens& sequence) {
  uint32_t hash = 17;
  for (const auto token : sequence) hash = hash * 31 + static_cast<uint32_t>(token);
  return static_cast<int32_t>(hash % 7);
}

/// The answer to a request, whatever else runs in the batch.
Tokens expected_answer(Tokens sequence, int32_t count) {
  Tokens answer;
  for (; count > 0; --count) {
    answer.push_back(next_token(sequence));
    sequence.push_back(answer.back());
  }
  return answer;
}

/// The window of the second layer, in tokens.
constexpr int32_t kWindow = 20;

/// A state that depends on the whole sequence, exactly as a float.
float state_after(const Tokens& sequence) {
  int32_t state = 1;
  for (const auto token : sequence) state = (state * 31 + token + 1) % 65'521;
  return static_cast<float>(state);
}

class Rank {
 public:
  /// @param states what the layers keep besides their tokens; empty: nothing
  explicit Rank(StateShape states = {}) : caches(KvShape{{1, 1, 1}, {1, 1, 1}}, {0, kWindow}, std::move(states)) {}

  /// Executes a plan after encoding and decoding it. @returns each segment's sequence up to the segment's end, as its
  /// cache holds it
  std::vector<Tokens> run(const StepPlan& sent, const Tokens& drawn_before) {
    const auto plan = decode_plan(encode_plan(sent));
    caches.follow(plan);
    std::vector<Tokens> sequences;
    size_t at = 0;
    for (const auto& segment : plan.segments) {
      const auto& pages = caches.grow(segment.slot, segment.position, segment.tokens);
      for (int32_t i = 0; i < segment.tokens; ++i) {
        const int32_t token = plan.tokens[at++];
        const auto value = static_cast<float>(token >= 0 ? token : drawn_before.at(static_cast<size_t>(-1 - token)));
        for (const auto& of_sight : pages) cell(of_sight, segment.position + i) = value;
      }
      Tokens sequence;
      const int32_t end = segment.position + segment.tokens;
      for (int32_t position = 0; position < end; ++position) sequence.push_back(static_cast<int32_t>(cell(pages[0], position)));
      // In the layer with a window: all tokens that the segment sees.
      for (int32_t position = std::max(0, segment.position - kWindow + 1); position < end; ++position)
        CHECK_EQUAL(static_cast<int32_t>(cell(pages[1], position)), sequence[static_cast<size_t>(position)]);
      const auto held = std::count_if(pages[1].begin(), pages[1].end(), [](const auto& page) { return page != nullptr; });
      CHECK(held * kPageTokens <= remembered_tokens(kWindow) + segment.tokens + 2 * kPageTokens);
      advance_state(segment, sequence);
      sequences.push_back(std::move(sequence));
    }
    return sequences;
  }

  PagedCaches caches;

 private:
  /// Reads and writes the states as a layer does, and checks what it reads. @param sequence up to the segment's end
  void advance_state(const PlanSegment& segment, const Tokens& sequence) {
    const auto path = caches.advance_state(segment);
    if (!path.before) return;
    const auto beginning = [&](int32_t end) { return Tokens(sequence.begin(), sequence.begin() + end); };
    if (segment.position > 0) CHECK_EQUAL(*path.before->of_layer(1), state_after(beginning(segment.position)));
    const auto tokens = segment.tokens / static_cast<int32_t>(path.after.size());
    int32_t end = segment.position;
    for (const auto& after : path.after) *after->of_layer(1) = state_after(beginning(end += tokens));
  }

  static float& cell(const PagedCaches::Pages& pages, int32_t position) {
    return pages.at(static_cast<size_t>(position / kPageTokens))->keys(0, 0)[position % kPageTokens];
  }
};

/// A request and its result.
struct Request {
  std::shared_ptr<Generation> generation;
  Tokens answer;
};

class Instance {
 public:
  /// @param state_blocks the size of a state in blocks; 0: the model keeps none
  Instance(SchedulerLimits limits, int32_t cache_blocks, int32_t state_blocks = 0)
      : scheduler(limits), max_in_flight_(limits.stages == 1 ? 2 : static_cast<size_t>(limits.stages)) {
    scheduler.set_cache_capacity(cache_blocks);
    scheduler.set_forgets(true);
    // Copies would share their pages.
    for (int rank = 0; rank < 2; ++rank) ranks.emplace_back(state_blocks > 0 ? StateShape{0, 1} : StateShape{});
    if (state_blocks > 0) scheduler.set_state_size(state_blocks);
  }

  /// Proposes tokens for sequences that decode, some of them wrong ones.
  void propose(std::mt19937& random) {
    for (const auto& generation : scheduler.running()) {
      const int32_t left = generation->request.max_tokens - generation->drawn() - 1;
      if (!generation->is_prefilled() || generation->drawn() == 0 || !generation->is_known() || left < 1) continue;
      auto sequence = generation->request.prompt;
      sequence.insert(sequence.end(), generation->output.begin(), generation->output.end());
      generation->proposal = expected_answer(sequence, std::min(left, 1 + static_cast<int32_t>(random() % 8)));
      if (random() % 2 == 0) generation->proposal[random() % generation->proposal.size()] = 99;
    }
  }

  bool step() {
    scheduler.admit();
    auto planned = in_flight_.size() < max_in_flight_ ? scheduler.next() : PlannedStep{};
    const bool has_launched = !planned.plan.is_empty();
    if (has_launched) launch(std::move(planned));
    if (!in_flight_.empty() && (!has_launched || in_flight_.size() == max_in_flight_)) deliver();
    return !scheduler.is_idle() || !in_flight_.empty();
  }

  void rest() {
    const auto plan = scheduler.rest();
    for (auto& rank : ranks) rank.run(plan, {});
  }

  Scheduler scheduler;
  std::vector<Rank> ranks;
  int64_t fed_tokens = 0;

 private:
  struct Launched {
    PlannedStep planned;
    /// Of each segment that draws: its tokens, up to the first proposal that is not drawn.
    std::vector<Tokens> drawn;
  };

  void launch(PlannedStep planned) {
    const auto sequences = ranks[0].run(planned.plan, drawn_before_);
    CHECK(ranks[1].run(planned.plan, drawn_before_) == sequences);
    fed_tokens += static_cast<int64_t>(planned.plan.tokens.size());
    std::vector<Tokens> drawn;
    drawn_before_.clear();
    for (size_t i = 0; i < sequences.size(); ++i) {
      const auto& owner = planned.owners[i];
      const auto& sequence = sequences[i];
      if (static_cast<int32_t>(sequence.size()) < owner->prompt_tokens() || owner->request.max_tokens == 0) continue;
      const auto& segment = planned.plan.segments[i];
      auto& tokens = drawn.emplace_back();
      const auto proposed = segment.position >= owner->prompt_tokens() ? static_cast<size_t>(segment.tokens) - 1 : 0;
      for (size_t end = sequence.size() - proposed; end <= sequence.size(); ++end) {
        tokens.push_back(next_token(Tokens(sequence.begin(), sequence.begin() + static_cast<ptrdiff_t>(end))));
        if (end < sequence.size() && tokens.back() != sequence[end]) break;
      }
      drawn_before_.push_back(tokens.back());
    }
    in_flight_.push_back({std::move(planned), std::move(drawn)});
  }

  void deliver() {
    const auto [planned, drawn] = std::move(in_flight_.front());
    in_flight_.pop_front();
    size_t row = 0;
    for (size_t i = 0; i < planned.owners.size(); ++i) {
      const auto& segment = planned.plan.segments[i];
      auto& owner = *planned.owners[i];
      if (segment.position + segment.tokens < owner.prompt_tokens()) continue;
      const auto& tokens = drawn.at(row++);
      if (owner.is_finished) continue;
      owner.output.insert(owner.output.end(), tokens.begin(), tokens.end());
      if (owner.drawn() == owner.request.max_tokens) scheduler.finish(owner);
      if (segment.tokens == 1 || segment.position < owner.prompt_tokens()) continue;
      owner.launched = owner.drawn();
      owner.is_verifying = false;
    }
  }

  size_t max_in_flight_;
  std::deque<Launched> in_flight_;
  Tokens drawn_before_;
};

std::shared_ptr<Generation> generation(int number, Tokens prompt, int32_t max_tokens) {
  auto made = std::make_shared<Generation>();
  made->request.id = std::to_string(number);
  made->request.prompt = std::move(prompt);
  made->request.max_tokens = max_tokens;
  return made;
}

Tokens document(int number, size_t tokens) {
  std::mt19937 random(static_cast<unsigned>(number));
  Tokens made(tokens);
  for (auto& token : made) token = static_cast<int32_t>(random() % 100);
  return made;
}

}  // namespace

TEST("a second request with the same beginning computes only what is new") {
  Instance instance({.max_batch = 4, .prefill_chunk_tokens = 128}, 100);
  auto prompt = document(1, 1000);
  const auto first = generation(1, prompt, 1);
  instance.scheduler.add(first);
  while (instance.step()) {
  }
  CHECK_EQUAL(instance.fed_tokens, int64_t{1000});
  prompt.push_back(5);
  const auto second = generation(2, prompt, 1);
  instance.scheduler.add(second);
  while (instance.step()) {
  }
  CHECK_EQUAL(second->cached, 15 * 64);
  CHECK_EQUAL(instance.fed_tokens, int64_t{1000 + 1001 - 15 * 64});
}

TEST("requests of one moment compute what they share once") {
  Instance instance({.max_batch = 8, .prefill_chunk_tokens = 256}, 100);
  std::vector<std::shared_ptr<Generation>> requests;
  for (int i = 0; i < 8; ++i) {
    auto prompt = document(1, 640);
    prompt.push_back(i);
    requests.push_back(generation(i, std::move(prompt), 3));
    instance.scheduler.add(requests.back());
  }
  while (instance.step()) {
  }
  CHECK_EQUAL(instance.fed_tokens, int64_t{640 + 8 + 8 * 2});
  for (const auto& request : requests) CHECK(request->output == expected_answer(request->request.prompt, 3));
}

TEST("an answer is kept too: the next turn of a conversation begins with it") {
  Instance instance({.max_batch = 2}, 100);
  const auto first = generation(1, document(1, 60), 80);
  instance.scheduler.add(first);
  while (instance.step()) {
  }
  auto prompt = first->request.prompt;
  prompt.insert(prompt.end(), first->output.begin(), first->output.end());
  const auto second = generation(2, prompt, 1);
  instance.scheduler.add(second);
  while (instance.step()) {
  }
  CHECK_EQUAL(second->cached, 128);
}

TEST("a prompt whose tokens are all scored computes them all") {
  Instance instance({.max_batch = 2}, 100);
  instance.scheduler.add(generation(1, document(1, 200), 1));
  while (instance.step()) {
  }
  const auto scored = generation(2, document(1, 200), 1);
  scored->request.prompt_logprobs = true;
  instance.scheduler.add(scored);
  while (instance.step()) {
  }
  CHECK_EQUAL(scored->cached, 0);
}

TEST("random requests get the same answers whatever the batch, the cache, the stages, and who leaves early") {
  std::mt19937 random(11);
  const auto below = [&](size_t limit) { return static_cast<int32_t>(random() % limit); };
  int64_t cached = 0;
  for (int round = 0; round < 30; ++round) {
    const SchedulerLimits limits{
        .max_batch = 1 + below(6), .max_waiting = 100, .prefill_chunk_tokens = 1 + below(300), .stages = 1 + below(3)};
    const int32_t state_blocks = below(3);
    const bool has_drafts = below(2) == 0;
    Instance instance(limits, below(40), state_blocks);
    std::vector<std::shared_ptr<Generation>> requests;
    for (int step = 0; step < 300 || instance.step(); ++step) {
      if (step < 300 && below(6) == 0) {
        auto prompt = document(below(3), 1 + static_cast<size_t>(below(400)));
        for (int i = below(50); i > 0; --i) prompt.push_back(below(100));
        requests.push_back(generation(step, std::move(prompt), 1 + below(100)));
        CHECK(instance.scheduler.add(requests.back()));
      }
      if (below(20) == 0 && !requests.empty()) instance.scheduler.remove(requests[static_cast<size_t>(below(requests.size()))]->request.id);
      if (has_drafts) instance.propose(random);
      instance.step();
    }
    instance.rest();
    for (const auto& request : requests) {
      CHECK(request->is_finished);
      CHECK(request->output == expected_answer(request->request.prompt, request->drawn()));
      cached += request->cached;
    }
    for (const auto& rank : instance.ranks) {
      CHECK_EQUAL(rank.caches.sequence_bytes(), int64_t{0});
      const int64_t states = rank.caches.kept_bytes() - instance.scheduler.cached_blocks() * rank.caches.block_bytes();
      CHECK(states >= 0 && states <= 20 * rank.caches.state_bytes());
    }
  }
  CHECK(cached > 10'000);
}

TEST("a model that keeps states begins where one was kept: at the end of a prompt, along a long one, and where prompts part") {
  Instance instance({.max_batch = 4, .prefill_chunk_tokens = 512}, 400, 4);
  const auto cached_of = [&](int number, Tokens prompt) {
    const auto made = generation(number, std::move(prompt), 3);
    instance.scheduler.add(made);
    while (instance.step()) {
    }
    CHECK(made->output == expected_answer(made->request.prompt, 3));
    return made->cached;
  };
  const auto begins_as = [](size_t common, size_t tokens) {
    auto prompt = document(1, common);
    const auto rest = document(static_cast<int>(tokens), tokens - common);
    prompt.insert(prompt.end(), rest.begin(), rest.end());
    return prompt;
  };
  CHECK_EQUAL(cached_of(1, document(1, 3000)), 0);
  CHECK_EQUAL(cached_of(2, document(1, 3000)), 2944);
  CHECK_EQUAL(cached_of(3, begins_as(2500, 2700)), 2048);
  // The last one has left its state where it parted from the first one.
  CHECK_EQUAL(cached_of(4, begins_as(2500, 2800)), 2496);
}

TEST("of a long answer, one state is kept besides those along the way") {
  Instance instance({.max_batch = 2}, 400, 1);
  instance.scheduler.add(generation(1, document(1, 100), 900));
  while (instance.step()) {
  }
  const auto& caches = instance.ranks[0].caches;
  CHECK_EQUAL(caches.kept_bytes() - instance.scheduler.cached_blocks() * caches.block_bytes(), 2 * caches.state_bytes());
}

TEST("a sequence can be taken back and goes on otherwise: blocks that others share stay as they are") {
  Rank rank;
  StepPlan plan;
  plan.segments = {{0, 0, 130, SegmentOutput::Last}};
  plan.tokens = document(1, 130);
  rank.run(plan, {});
  StepPlan sharing;
  sharing.kept = {{0, 0, 7}, {0, 1, 8}};
  sharing.shared = {{1, 0, {7, 8}}};
  sharing.segments = {{0, 128, 1, SegmentOutput::Last}, {1, 128, 3, SegmentOutput::Last}};
  sharing.tokens = {1, 2, 3, 4};
  const auto sequences = rank.run(sharing, {});
  auto expected = document(1, 128);
  CHECK(Tokens(sequences[0].begin(), sequences[0].begin() + 128) == expected);
  expected.insert(expected.end(), {2, 3, 4});
  CHECK(sequences[1] == expected);
}

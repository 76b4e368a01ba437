#include "../schedule/scheduler.h"

#include "../schedule/pipeline_chunk.h"
#include "test.h"

using namespace exo;

namespace {

std::shared_ptr<Generation> generation(const std::string& id, int32_t prompt_tokens, int32_t max_tokens) {
  auto made = std::make_shared<Generation>();
  made->request.id = id;
  for (int32_t i = 0; i < prompt_tokens; ++i) made->request.prompt.push_back(100 + i);
  made->request.max_tokens = max_tokens;
  return made;
}

/// Does what the engine does when a step's tokens are known.
void draw(const PlannedStep& step, int32_t token) {
  for (const auto& owner : step.owners) {
    if (owner->is_prefilled() && owner->drawn() < owner->launched) owner->output.push_back(token);
  }
}

/// One line per segment: id@position+tokens, and the rows for which logits are computed.
std::string shown(const PlannedStep& step) {
  std::string text;
  for (size_t i = 0; i < step.owners.size(); ++i) {
    const auto& segment = step.plan.segments[i];
    const char* outputs[] = {"", "!", "*"};
    text += (i ? " " : "") + step.owners[i]->request.id + "@" + std::to_string(segment.position) + "+" + std::to_string(segment.tokens) +
            outputs[static_cast<int>(segment.output)];
  }
  return text;
}

Scheduler make(int32_t max_batch, int32_t max_waiting, int32_t chunk, int32_t stages = 1) {
  return Scheduler({.max_batch = max_batch, .max_waiting = max_waiting, .prefill_chunk_tokens = chunk, .stages = stages});
}

std::string step(Scheduler& scheduler) {
  scheduler.admit();
  const auto planned = scheduler.next();
  draw(planned, 7);
  return shown(planned);
}

}  // namespace

TEST("a prompt goes in chunks, then one token at a time, and the last sample is never fed") {
  auto scheduler = make(4, 4, 5);
  scheduler.add(generation("a", 12, 3));
  CHECK_EQUAL(step(scheduler), "a@0+5");
  CHECK_EQUAL(step(scheduler), "a@5+5");
  CHECK_EQUAL(step(scheduler), "a@10+2!");
  CHECK_EQUAL(step(scheduler), "a@12+1!");
  CHECK_EQUAL(step(scheduler), "a@13+1!");
  CHECK_EQUAL(step(scheduler), "");
}

TEST("running sequences decode in every step while a long prompt comes in by chunks") {
  auto scheduler = make(4, 4, 6);
  scheduler.add(generation("a", 2, 9));
  CHECK_EQUAL(step(scheduler), "a@0+2!");
  scheduler.add(generation("b", 14, 2));
  CHECK_EQUAL(step(scheduler), "a@2+1! b@0+6");
  CHECK_EQUAL(step(scheduler), "a@3+1! b@6+6");
  CHECK_EQUAL(step(scheduler), "a@4+1! b@12+2!");
  CHECK_EQUAL(step(scheduler), "a@5+1! b@14+1!");
}

TEST("a prompt comes in by shorter chunks while any sequence decodes") {
  auto scheduler = make(4, 4, 8);
  scheduler.add(generation("a", 2, 9));
  scheduler.add(generation("b", 30, 1));
  const auto next = [&] {
    scheduler.admit();
    const auto planned = scheduler.next(3);
    draw(planned, 7);
    return shown(planned);
  };
  CHECK_EQUAL(next(), "a@0+2! b@0+1");
  CHECK_EQUAL(next(), "a@2+1! b@1+3");
  scheduler.remove("a");
  CHECK_EQUAL(next(), "b@4+8");
}

TEST("a short prompt beside a long one does not wait for a long chunk") {
  auto scheduler = make(4, 4, 100);
  scheduler.add(generation("a", 300, 1));
  CHECK_EQUAL(shown((scheduler.admit(), scheduler.next(20))), "a@0+100");
  scheduler.add(generation("b", 8, 1));
  CHECK_EQUAL(shown((scheduler.admit(), scheduler.next(20))), "a@100+12 b@0+8!");
}

TEST("the stages of a pipeline have parts of a prompt at once") {
  auto scheduler = make(4, 4, 100, 2);
  scheduler.add(generation("a", 150, 1));
  CHECK_EQUAL(step(scheduler), "a@0+38");
  CHECK_EQUAL(step(scheduler), "a@38+38");
  CHECK_EQUAL(step(scheduler), "a@76+38");
  CHECK_EQUAL(step(scheduler), "a@114+36!");
}

TEST("two stages prefill a long prompt almost twice as fast as one, counted in tokens and fixed costs") {
  constexpr int32_t kCost = 8;
  for (const int32_t tokens : {1000, 2000, 8000, 100'000}) {
    auto scheduler = make(4, 4, 512, 2);
    scheduler.add(generation("a", tokens, 1));
    scheduler.admit();
    int64_t first_stage = 0, last_stage = 0;
    for (auto planned = scheduler.next(); !planned.plan.is_empty(); planned = scheduler.next()) {
      const auto cost = static_cast<int64_t>(planned.plan.tokens.size()) + kCost;
      first_stage += cost;
      last_stage = std::max(last_stage, first_stage) + cost;
      for (const auto& owner : planned.owners) --owner->in_flight;
    }
    const int64_t alone = 2 * (tokens + (tokens + 511) / 512 * kCost);
    CHECK(static_cast<double>(alone) / static_cast<double>(last_stage) >= (tokens < 8000 ? 1.7 : 1.85));
  }
}

TEST("a longer prompt has longer chunks in a pipeline, and more stages have shorter ones") {
  CHECK_EQUAL(pipeline_chunk_tokens(2000, 2, 8), 134);
  CHECK_EQUAL(pipeline_chunk_tokens(20, 2, 8), 20);
  CHECK_EQUAL(pipeline_chunk_tokens(2000, 4, 8), 73 + 2);
}

TEST("a chunk that one prompt does not fill is shared with the next") {
  auto scheduler = make(4, 4, 8);
  scheduler.add(generation("a", 3, 1));
  scheduler.add(generation("b", 9, 1));
  CHECK_EQUAL(step(scheduler), "a@0+3! b@0+5");
  CHECK_EQUAL(step(scheduler), "b@5+4!");
}

TEST("a token that is still being drawn is named by its row among the samples of the step before") {
  auto scheduler = make(4, 4, 8);
  scheduler.add(generation("a", 2, 5));
  scheduler.add(generation("b", 2, 5));
  scheduler.admit();
  const auto first = scheduler.next();
  CHECK_EQUAL(scheduler.next().plan.tokens, {-1, -2});
  draw(first, 9);
  CHECK_EQUAL(scheduler.next().plan.tokens, {-1, -2});
}

TEST("a token that is known is given itself") {
  auto scheduler = make(4, 4, 8);
  scheduler.add(generation("a", 2, 5));
  step(scheduler);
  CHECK_EQUAL(scheduler.next().plan.tokens, {7});
}

TEST("beyond the batch requests wait in order, and beyond the queue they are refused") {
  auto scheduler = make(1, 2, 8);
  const auto first = generation("a", 1, 1);
  CHECK(scheduler.add(first));
  CHECK(scheduler.add(generation("b", 1, 1)));
  CHECK(scheduler.add(generation("c", 1, 1)));
  CHECK(!scheduler.add(generation("d", 1, 1)));
  CHECK_EQUAL(step(scheduler), "a@0+1!");
  scheduler.finish(*first);
  CHECK_EQUAL(step(scheduler), "b@0+1!");
}

TEST("a removed generation frees its slot, and the next plan tells the ranks to drop its cache") {
  auto scheduler = make(1, 2, 8);
  scheduler.add(generation("a", 1, 9));
  step(scheduler);
  scheduler.add(generation("b", 1, 9));
  CHECK(scheduler.remove("a") != nullptr);
  CHECK(scheduler.remove("a") == nullptr);
  scheduler.admit();
  const auto planned = scheduler.next();
  CHECK_EQUAL(shown(planned), "b@0+1!");
  CHECK_EQUAL(planned.plan.released, {0});
  CHECK_EQUAL(planned.plan.segments[0].slot, 0);
  CHECK(scheduler.rest().released.empty());
}

TEST("the room that a sequence will need is told once, before its first tokens, and is bounded where nobody knows the answer's length") {
  auto scheduler = make(4, 4, 5);
  scheduler.add(generation("a", 12, 30));
  scheduler.add(generation("b", 7, 100000));
  scheduler.admit();
  const auto first = scheduler.next();
  CHECK(first.plan.rooms == (std::vector<PlanRoom>{{0, 42}, {1, 7 + 1024}}));
  draw(first, 7);
  CHECK(scheduler.next().plan.rooms.empty());
}

TEST("one that waits can be removed too") {
  auto scheduler = make(1, 2, 8);
  scheduler.add(generation("a", 1, 9));
  scheduler.add(generation("b", 1, 9));
  step(scheduler);
  CHECK(scheduler.remove("b") != nullptr);
  CHECK(scheduler.waiting().empty());
}

TEST("without tokens to draw, a prompt is only evaluated; its scores take every row through the head") {
  auto scheduler = make(1, 2, 8);
  const auto scored = generation("a", 3, 0);
  scored->request.prompt_logprobs = true;
  scheduler.add(scored);
  CHECK_EQUAL(step(scheduler), "a@0+3*");
  CHECK_EQUAL(step(scheduler), "");
}

TEST("in a pipeline each stage has sequences of its own, and none is in two steps at once") {
  auto scheduler = make(4, 4, 8, 2);
  for (const auto* id : {"a", "b", "c"}) scheduler.add(generation(id, 1, 5));
  CHECK_EQUAL(step(scheduler), "a@0+1! b@0+1! c@0+1!");
  const auto first = scheduler.next(), second = scheduler.next();
  CHECK_EQUAL(shown(first), "a@1+1! b@1+1!");
  CHECK_EQUAL(shown(second), "c@1+1!");
  CHECK(scheduler.next().plan.is_empty());
  draw(first, 7);
  CHECK_EQUAL(shown(scheduler.next()), "a@2+1! b@2+1!");
}

TEST("chunks of a long prompt follow one another through the stages") {
  auto scheduler = make(4, 4, 8, 2);
  scheduler.add(generation("a", 20, 5));
  scheduler.admit();
  CHECK_EQUAL(shown(scheduler.next()), "a@0+8");
  CHECK_EQUAL(shown(scheduler.next()), "a@8+8");
}

TEST("what a broken step left is not used: slots are free, the cache is empty") {
  auto scheduler = make(1, 2, 100);
  scheduler.set_cache_capacity(10);
  scheduler.add(generation("a", 200, 5));
  step(scheduler);
  step(scheduler);
  CHECK_EQUAL(scheduler.cached_blocks(), 1);
  CHECK_EQUAL(scheduler.abandon().size(), size_t{1});
  CHECK_EQUAL(scheduler.cached_blocks(), 0);
  scheduler.add(generation("b", 200, 5));
  scheduler.admit();
  const auto planned = scheduler.next();
  CHECK_EQUAL(shown(planned), "b@0+100");
  CHECK(planned.plan.kept.empty() && planned.plan.shared.empty() && planned.plan.dropped.empty());
}

TEST("a sequence with a draft takes its proposals along and waits for what of them is right") {
  auto scheduler = make(4, 4, 8);
  const auto drafted = generation("a", 3, 12), plain = generation("b", 2, 12);
  scheduler.add(drafted);
  scheduler.add(plain);
  step(scheduler);
  drafted->draft.emplace();
  while (!drafted->is_drafting()) drafted->draft->add_plain(1);
  drafted->proposal = {40, 41, 42};
  scheduler.admit();
  const auto verified = scheduler.next();
  CHECK_EQUAL(shown(verified), "a@3+4* b@2+1!");
  CHECK_EQUAL(verified.plan.tokens, std::vector<int32_t>{7, 40, 41, 42, 7});
  // The other sequence runs ahead. This one may not, because its next position is unknown.
  CHECK_EQUAL(shown(scheduler.next()), "b@3+1!");
  // The same is true if the draft is removed meanwhile.
  drafted->draft.reset();
  CHECK_EQUAL(shown(scheduler.next()), "b@4+1!");
  drafted->output.insert(drafted->output.end(), {40, 9});
  drafted->launched = drafted->drawn();
  drafted->is_verifying = false;
  drafted->proposal = {50};
  CHECK_EQUAL(shown(scheduler.next()), "a@5+2* b@5+1!");
}

namespace {

constexpr int32_t kSmallBlock = 32;

Scheduler with_blocks(int32_t max_batch) {
  return Scheduler({.max_batch = max_batch, .max_waiting = 4, .prefill_chunk_tokens = 1000, .block_tokens = kSmallBlock});
}

/// Ends a step: its tokens are known, and it no longer uses its slots.
void finish(Scheduler& scheduler, const PlannedStep& step, int32_t token) {
  draw(step, token);
  for (const auto& owner : step.owners) {
    --owner->in_flight;
    if (owner->drawn() == owner->request.max_tokens && !owner->is_finished) scheduler.finish(*owner);
  }
}

}  // namespace

TEST("F8: a sequence waits for the memory that its prompt takes, though slots are free") {
  auto scheduler = with_blocks(4);
  scheduler.set_memory(10, 1);
  scheduler.add(generation("a", 100, 5));
  scheduler.add(generation("b", 200, 5));
  CHECK_EQUAL(scheduler.admit().size(), size_t{1});
  const auto first = scheduler.next();
  CHECK_EQUAL(shown(first), "a@0+100!");
  finish(scheduler, first, 7);
  for (int i = 0; i < 4; ++i) finish(scheduler, scheduler.next(), 7);
  CHECK_EQUAL(scheduler.admit().size(), size_t{1});
  CHECK_EQUAL(shown(scheduler.next()), "b@0+200!");
}

TEST("F8: where sequences outgrow the memory the newest steps aside and goes on later with the same tokens") {
  auto scheduler = with_blocks(2);
  // Each sequence may grow to nine blocks, but both together have only ten.
  scheduler.set_memory(10, 1);
  const auto older = generation("a", 32, 180), newer = generation("b", 33, 180);
  scheduler.add(older);
  scheduler.add(newer);
  size_t most_running = 0;
  bool has_stepped_aside = false;
  for (int i = 0; i < 1000 && !(older->is_finished && newer->is_finished); ++i) {
    scheduler.admit();
    most_running = std::max(most_running, scheduler.running().size());
    const auto step = scheduler.next();
    finish(scheduler, step, 1000 + i % 50);
    has_stepped_aside = has_stepped_aside || newer->is_again;
    int64_t tokens = 0;
    for (const auto& running : scheduler.running()) tokens += running->prefilled + running->launched;
    CHECK(tokens <= 10 * kSmallBlock);
  }
  CHECK(older->is_finished && newer->is_finished && has_stepped_aside);
  CHECK_EQUAL(most_running, size_t{2});
  CHECK_EQUAL(older->request.prompt.size() + older->output.size(), size_t{32 + 180});
  CHECK_EQUAL(newer->request.prompt.size() + newer->output.size(), size_t{33 + 180});
}

TEST("F8: one that steps aside while a step has tokens of it keeps its slot until that has ended") {
  auto scheduler = with_blocks(2);
  scheduler.set_memory(5, 1);
  scheduler.add(generation("a", 33, 60));
  scheduler.add(generation("b", 30, 60));
  scheduler.admit();
  const auto both = scheduler.next();
  draw(both, 7);
  for (const auto& owner : both.owners) --owner->in_flight;
  std::vector<PlannedStep> in_flight;
  for (int i = 0; i < 10 && !both.owners[1]->is_yielding; ++i) {
    in_flight.push_back(scheduler.next());
    draw(in_flight.back(), 7);
  }
  CHECK(both.owners[1]->is_yielding);
  CHECK(both.owners[1]->slot >= 0);
  for (const auto& step : in_flight) finish(scheduler, step, 7);
  scheduler.next();
  CHECK_EQUAL(both.owners[1]->slot, -1);
}

TEST("F8: the prefix cache has what the sequences leave, and all of its own once they rest") {
  auto scheduler = with_blocks(2);
  scheduler.set_cache_capacity(6);
  scheduler.set_memory(8, 1);
  scheduler.add(generation("a", 160, 1));
  scheduler.admit();
  finish(scheduler, scheduler.next(), 7);
  scheduler.rest();
  CHECK_EQUAL(scheduler.cached_blocks(), 5);
  auto other = generation("b", 130, 1);
  for (auto& token : other->request.prompt) token += 5000;
  scheduler.add(other);
  scheduler.admit();
  const auto step = scheduler.next();
  CHECK_EQUAL(step.plan.dropped.size(), size_t{3});
  CHECK_EQUAL(scheduler.cached_blocks(), 2);
}

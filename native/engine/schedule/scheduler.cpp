#include "scheduler.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "pipeline_chunk.h"
#include "prefill_shares.h"

namespace exo {

namespace {

/// The most answer tokens for which a cache has room at first. The answer's length is unknown.
constexpr int32_t kAnswerRoom = 1024;
/// The distance in a prompt at which states are kept for prompts that begin alike.
constexpr int32_t kStateTokens = 1024;

/// The number of tokens for which a sequence's cache has room at first.
int32_t room_of(const Generation& generation) { return generation.prompt_tokens() + std::min(generation.request.max_tokens, kAnswerRoom); }

/// The number of tokens that two prompts have in common at their beginning.
int32_t common_tokens(const Generation& a, const Generation& b, int32_t limit) {
  const auto& prompt = a.request.prompt;
  return static_cast<int32_t>(std::mismatch(prompt.begin(), prompt.begin() + limit, b.request.prompt.begin()).first - prompt.begin());
}

bool has_id(const std::shared_ptr<Generation>& generation, const std::string& id) { return generation->request.id == id; }

/// How many prompt tokens may come from the prefix cache: all but the last one, whose logits are needed, or none if the
/// logits of the other tokens are needed, too.
int32_t shareable_tokens(const Generation& generation) {
  const auto& request = generation.request;
  const bool needs_all = request.prompt_logprobs || (request.pooling && *request.pooling != Pooling::Last);
  return needs_all ? 0 : generation.prompt_tokens() - 1;
}

}  // namespace

Scheduler::Scheduler(SchedulerLimits limits) : limits_(limits), tree_(limits.block_tokens) {
  for (int32_t slot = limits_.max_batch - 1; slot >= 0; --slot) free_slots_.push_back(slot);
}

bool Scheduler::add(std::shared_ptr<Generation> generation) {
  const bool has_place = static_cast<int32_t>(running_.size() + waiting_.size()) < limits_.max_batch + limits_.max_waiting;
  if (has_place) waiting_.push_back(std::move(generation));
  return has_place;
}

std::shared_ptr<Generation> Scheduler::remove(const std::string& id) {
  const auto is_meant = [&](const auto& generation) { return has_id(generation, id); };
  if (const auto found = std::find_if(waiting_.begin(), waiting_.end(), is_meant); found != waiting_.end()) {
    auto generation = *found;
    generation->is_finished = true;
    waiting_.erase(found);
    return generation;
  }
  const auto found = std::find_if(running_.begin(), running_.end(), is_meant);
  if (found == running_.end()) return nullptr;
  auto generation = *found;
  finish(*generation);
  return generation;
}

void Scheduler::finish(Generation& generation) {
  keep_blocks(generation);
  generation.is_finished = true;
  released_.push_back(generation.slot);
  free_slots_.push_back(generation.slot);
  std::erase_if(running_, [&](const auto& other) { return other.get() == &generation; });
}

std::vector<std::shared_ptr<Generation>> Scheduler::admit() {
  std::vector<std::shared_ptr<Generation>> admitted;
  while (!waiting_.empty() && !free_slots_.empty()) {
    if (!running_.empty() && sequence_blocks() + blocks_of(*waiting_.front()) > memory_blocks_) break;
    auto generation = std::move(waiting_.front());
    waiting_.pop_front();
    generation->slot = free_slots_.back();
    free_slots_.pop_back();
    rooms_.push_back({generation->slot, room_of(*generation)});
    running_.push_back(generation);
    admitted.push_back(std::move(generation));
  }
  return admitted;
}

PlannedStep Scheduler::next(int32_t tokens_in_company, int32_t tokens_alone) {
  PlannedStep step;
  make_room();
  const bool has_work = std::any_of(running_.begin(), running_.end(), [&](const auto& generation) {
    return (!generation->is_prefilled() && !generation->is_yielding) || can_decode(*generation);
  });
  if (!has_work) return step;
  for (const auto& generation : running_) {
    keep_blocks(*generation);
    if (keeps_states_) keep_state(*generation);
  }
  take_cache_changes(step.plan);
  add_decodes(step);
  add_prefills(step, tokens_in_company, tokens_alone);
  int32_t row = 0;
  for (const auto& owner : step.owners) {
    if (owner->is_prefilled() && owner->request.max_tokens > 0) owner->last_row = row++;
  }
  return step;
}

StepPlan Scheduler::rest() {
  StepPlan plan;
  tree_.set_capacity(std::min(cache_blocks_, memory_blocks_));
  take_cache_changes(plan);
  return plan;
}

std::vector<std::shared_ptr<Generation>> Scheduler::abandon() {
  auto ended = std::exchange(running_, {});
  for (const auto& generation : ended) {
    generation->is_finished = true;
    free_slots_.push_back(generation->slot);
  }
  tree_.clear();
  kept_.clear();
  kept_states_.clear();
  released_.clear();
  rooms_.clear();
  return ended;
}

int64_t Scheduler::blocks_of(const Generation& generation) const {
  const int64_t growth_tokens = int64_t{growth_blocks_} * limits_.block_tokens;
  int64_t tokens = generation.prompt_tokens() + generation.launched + kAheadTokens;
  if (makes_rooms_) tokens = std::max<int64_t>(tokens, room_of(generation));
  return (tokens + growth_tokens - 1) / growth_tokens * growth_blocks_;
}

int64_t Scheduler::sequence_blocks() const {
  return std::accumulate(running_.begin(), running_.end(), int64_t{0},
                         [this](int64_t sum, const auto& generation) { return sum + blocks_of(*generation); });
}

void Scheduler::make_room() {
  while (running_.size() > 1 && sequence_blocks() > memory_blocks_) {
    const auto newest = running_.back();
    newest->is_yielding = true;
    // Running steps still use its slot.
    if (newest->in_flight > 0) break;
    step_aside(newest);
  }
  const auto left = std::max<int64_t>(memory_blocks_ - sequence_blocks(), 0);
  tree_.set_capacity(static_cast<int32_t>(std::min<int64_t>(cache_blocks_, left)));
}

/// The generation restarts later, with what it has drawn at the end of its prompt, as after the loss of a worker.
void Scheduler::step_aside(const std::shared_ptr<Generation>& generation) {
  keep_blocks(*generation);
  released_.push_back(generation->slot);
  free_slots_.push_back(generation->slot);
  running_.pop_back();
  auto& request = generation->request;
  const bool has_drawn = !generation->output.empty();
  request.prompt.insert(request.prompt.end(), generation->output.begin(), generation->output.end());
  request.max_tokens -= generation->drawn();
  generation->drawn_before += generation->drawn();
  if (has_drawn) request.prompt_logprobs = false;
  generation->is_again = generation->is_again || has_drawn;
  generation->output.clear();
  generation->prompt_scores.clear();
  generation->embedding.clear();
  generation->proposal.clear();
  generation->forced.clear();
  generation->is_jumping = false;
  generation->slot = -1;
  generation->prefilled = generation->offered_blocks = generation->launched = 0;
  if (!generation->is_again) generation->cached = 0;
  generation->state_begins = generation->stop = generation->stated = 0;
  generation->answer_state = -1;
  generation->last_row = -1;
  generation->is_yielding = false;
  waiting_.push_front(generation);
}

/// In a pipeline the first stage must know the token, and a proposal continues from it. A sequence is then in one step at
/// a time.
bool Scheduler::can_decode(const Generation& generation) const {
  const bool may_run_ahead = limits_.stages == 1 && !generation.is_drafting() && !generation.is_verifying && generation.forced.empty();
  return !generation.is_yielding && generation.is_prefilled() && generation.launched < generation.request.max_tokens &&
         (may_run_ahead || generation.is_known());
}

void Scheduler::add_decodes(PlannedStep& step) {
  const auto decoding = std::count_if(running_.begin(), running_.end(), [](const auto& generation) { return generation->is_prefilled(); });
  auto places = (decoding + limits_.stages - 1) / limits_.stages;
  for (const auto& generation : running_) {
    if (places == 0) return;
    if (!can_decode(*generation)) continue;
    --places;
    const int32_t position = generation->prompt_tokens() + generation->launched - 1;
    const auto proposal = std::exchange(generation->proposal, {});
    const auto tokens = 1 + static_cast<int32_t>(proposal.size());
    step.plan.segments.push_back({generation->slot, position, tokens, tokens > 1 ? SegmentOutput::All : SegmentOutput::Last});
    step.plan.tokens.push_back(generation->is_known() ? generation->output.back() : -1 - generation->last_row);
    step.plan.tokens.insert(step.plan.tokens.end(), proposal.begin(), proposal.end());
    step.owners.push_back(generation);
    ++generation->in_flight;
    generation->launched += tokens;
    generation->is_verifying = tokens > 1;
    generation->state_begins = position + 1;
  }
}

void Scheduler::add_prefills(PlannedStep& step, int32_t tokens_in_company, int32_t tokens_alone) {
  std::vector<std::shared_ptr<Generation>> prompts;
  std::vector<int32_t> left;
  for (const auto& generation : running_) {
    if (generation->is_prefilled() || generation->is_yielding) continue;
    share_blocks(step.plan, *generation);
    if (awaits_shared_blocks(*generation)) continue;
    prompts.push_back(generation);
    generation->stop = keeps_states_ && tree_.capacity() > 0 ? next_stop(*generation) : generation->prompt_tokens();
    left.push_back(generation->stop - generation->prefilled);
  }
  const auto shares = prefill_shares(left, chunk_tokens(prompts, tokens_in_company, tokens_alone));
  for (size_t i = 0; i < prompts.size(); ++i) {
    if (shares[i] > 0) add_prefill(step, prompts[i], shares[i]);
  }
}

int32_t Scheduler::chunk_tokens(const std::vector<std::shared_ptr<Generation>>& prompts, int32_t tokens_in_company,
                                int32_t tokens_alone) const {
  const auto decodes = [](const auto& generation) { return generation->is_prefilled(); };
  const bool has_others = prompts.size() > 1 || std::any_of(running_.begin(), running_.end(), decodes);
  const int32_t most = std::min(limits_.prefill_chunk_tokens, has_others ? tokens_in_company : tokens_alone);
  if (limits_.stages == 1) return most;
  int64_t all = 0;
  for (const auto& prompt : prompts) all += prompt->prompt_tokens() - prompt->cached;
  return std::min(most, pipeline_chunk_tokens(all, limits_.stages, limits_.chunk_cost_tokens));
}

void Scheduler::add_prefill(PlannedStep& step, const std::shared_ptr<Generation>& generation, int32_t count) {
  const auto& request = generation->request;
  const bool is_whole = generation->prefilled + count == generation->prompt_tokens();
  const bool samples = is_whole && request.max_tokens > 0;
  const auto output = request.prompt_logprobs ? SegmentOutput::All : samples ? SegmentOutput::Last : SegmentOutput::None;
  step.plan.segments.push_back({generation->slot, generation->prefilled, count, output});
  const auto first = request.prompt.begin() + generation->prefilled;
  step.plan.tokens.insert(step.plan.tokens.end(), first, first + count);
  step.owners.push_back(generation);
  ++generation->in_flight;
  generation->prefilled += count;
  generation->state_begins = generation->prefilled;
  if (samples) ++generation->launched;
}

/// Whether an older prompt is computing blocks that this one will share. Waiting for them costs nothing; computing them
/// twice would.
bool Scheduler::awaits_shared_blocks(const Generation& generation) const {
  if (tree_.capacity() == 0 || generation.prefilled % limits_.block_tokens != 0) return false;
  for (const auto& other : running_) {
    if (other.get() == &generation) return false;
    if (other->is_prefilled()) continue;
    const auto common = common_tokens(generation, *other, std::min(shareable_tokens(generation), other->prompt_tokens()));
    if (common / limits_.block_tokens * limits_.block_tokens > std::max(generation.prefilled, other->prefilled)) return true;
  }
  return false;
}

void Scheduler::share_blocks(StepPlan& plan, Generation& generation) {
  if (generation.prefilled % limits_.block_tokens != 0) return;
  const int32_t known_blocks = generation.prefilled / limits_.block_tokens;
  const auto shareable = std::span(generation.request.prompt).first(static_cast<size_t>(shareable_tokens(generation)));
  const auto [blocks, state] = keeps_states_ ? tree_.find_stated(shareable) : PrefixTree::StatedPrefix{tree_.find(shareable)};
  if (static_cast<int32_t>(blocks.size()) <= known_blocks) return;
  plan.shared.push_back({generation.slot, known_blocks, {blocks.begin() + known_blocks, blocks.end()}, state});
  const int32_t tokens = (static_cast<int32_t>(blocks.size()) - known_blocks) * limits_.block_tokens;
  generation.prefilled += tokens;
  generation.state_begins = generation.stated = generation.prefilled;
  if (forgets_) generation.offered_blocks = static_cast<int32_t>(blocks.size());
  if (!generation.is_again) generation.cached += tokens;
}

int32_t Scheduler::next_stop(const Generation& generation) {
  const int32_t block = limits_.block_tokens, tokens = generation.prompt_tokens();
  int32_t stop = tokens;
  const auto consider = [&](int32_t position) {
    const int32_t border = position / block * block;
    if (border > generation.prefilled) stop = std::min(stop, border);
  };
  consider((generation.prefilled / kStateTokens + 1) * kStateTokens);
  // The same prompt again, or one that goes on from it.
  consider(tokens - 1);
  // Where this prompt leaves an earlier one, whose state is not known there.
  consider(static_cast<int32_t>(tree_.find(generation.request.prompt).size()) * block);
  for (const auto& other : running_) {
    if (other.get() == &generation || other->is_prefilled()) continue;
    consider(common_tokens(generation, *other, std::min(tokens, shareable_tokens(*other))));
  }
  return stop;
}

void Scheduler::keep_state(Generation& generation) {
  // How many of the proposals count is not known yet.
  if (generation.is_verifying || tree_.capacity() == 0) return;
  const int32_t fed = generation.prefilled + std::max(generation.launched - 1, 0);
  const int32_t border = fed / limits_.block_tokens * limits_.block_tokens;
  const bool is_in_prompt = border <= generation.prompt_tokens(), is_chosen = border % kStateTokens == 0;
  if (border <= generation.stated || border < generation.state_begins || (is_in_prompt && border < generation.stop)) return;
  auto tokens = generation.request.prompt;
  tokens.insert(tokens.end(), generation.output.begin(), generation.output.end());
  if (border > static_cast<int32_t>(tokens.size())) return;
  generation.stated = border;
  tokens.resize(static_cast<size_t>(border));
  // The block has been offered once its last token is delivered; the next step would be too late for the state.
  offer_blocks(generation, tokens);
  const int32_t state = tree_.add_state(tokens);
  if (state < 0) return;
  kept_states_.push_back({generation.slot, border / limits_.block_tokens, state});
  // Of an answer, only the newest state is worth its memory.
  if (generation.answer_state >= 0) tree_.drop_state(generation.answer_state);
  generation.answer_state = is_in_prompt || is_chosen ? -1 : state;
}

void Scheduler::keep_blocks(Generation& generation) {
  // The newest token is not in the cache yet. Tokens of steps that run ahead may be, but they do not count.
  const int32_t fed_output = generation.is_prefilled() ? std::max(generation.drawn() - 1, 0) : 0;
  const int32_t filled_blocks = (generation.prefilled + fed_output) / limits_.block_tokens;
  if (filled_blocks <= generation.offered_blocks) return;
  auto tokens = generation.request.prompt;
  tokens.insert(tokens.end(), generation.output.begin(), generation.output.end());
  tokens.resize(static_cast<size_t>(filled_blocks * limits_.block_tokens));
  offer_blocks(generation, tokens);
}

void Scheduler::offer_blocks(Generation& generation, std::span<const int32_t> tokens) {
  const auto blocks = static_cast<int32_t>(tokens.size()) / limits_.block_tokens;
  const int32_t offered = std::exchange(generation.offered_blocks, std::max(generation.offered_blocks, blocks));
  for (const auto& added : tree_.add(tokens, forgets_ ? offered : 0)) kept_.push_back({generation.slot, added.index, added.block});
}

void Scheduler::take_cache_changes(StepPlan& plan) {
  plan.kept = std::exchange(kept_, {});
  plan.released = std::exchange(released_, {});
  plan.rooms = std::exchange(rooms_, {});
  plan.dropped = tree_.trim();
  plan.kept_states = std::exchange(kept_states_, {});
  plan.dropped_states = tree_.take_evicted_states();
}

}  // namespace exo

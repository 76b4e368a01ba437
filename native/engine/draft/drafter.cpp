#include "drafter.h"

#include <algorithm>
#include <utility>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Tokens that the draft's cache catches up by per step, so that a long prompt delays other sequences by one such chunk
/// at most.
constexpr int32_t kFollowTokens = 512;

}  // namespace

void Drafter::propose(std::span<const std::shared_ptr<Generation>> generations) {
  auto drafts = begin(generations);
  auto following = std::stable_partition(drafts.begin(), drafts.end(), [](const auto& draft) { return draft.wanted > 0; });
  std::vector<Drafting> behind(std::make_move_iterator(following), std::make_move_iterator(drafts.end()));
  drafts.erase(following, drafts.end());
  if (!behind.empty()) run(behind, false);
  while (!drafts.empty()) {
    run(drafts, true);
    std::erase_if(drafts, [](const auto& draft) { return static_cast<int32_t>(draft.generation->proposal.size()) >= draft.wanted; });
  }
}

void Drafter::keep_only(std::span<const std::shared_ptr<Generation>> running) {
  StepPlan plan;
  std::erase_if(fed_, [&](const auto& fed) {
    const bool runs = std::ranges::any_of(
        running, [&](const auto& generation) { return generation->slot == fed.first && generation->request.draft_id == id_; });
    if (!runs) plan.released.push_back(fed.first);
    return !runs;
  });
  if (!plan.released.empty()) decoder_->prepare(std::move(plan));
}

void Drafter::rest() {
  StepPlan plan;
  for (const auto& [slot, _] : fed_) plan.released.push_back(slot);
  fed_.clear();
  restarted_.clear();
  decoder_->prepare(std::move(plan));
  decoder_->trim();
}

std::vector<Drafter::Drafting> Drafter::begin(std::span<const std::shared_ptr<Generation>> generations) {
  std::vector<Drafting> drafts;
  for (const auto& generation : generations) {
    auto sequence = generation->request.prompt;
    sequence.insert(sequence.end(), generation->output.begin(), generation->output.end());
    auto& fed = fed_[generation->slot];
    // The cache may hold tokens of an earlier proposal, or of another sequence that had this slot. They are
    // overwritten.
    const auto common = std::mismatch(fed.begin(), fed.end(), sequence.begin(), sequence.end()).first - fed.begin();
    auto known = std::min<ptrdiff_t>(common, static_cast<ptrdiff_t>(sequence.size()) - 1);
    if (known > 0 && !can_go_back(generation->slot, static_cast<ptrdiff_t>(fed.size()), known)) {
      known = 0;
      restarted_.push_back(generation->slot);
    }
    fed.resize(static_cast<size_t>(known));
    const bool is_behind = static_cast<ptrdiff_t>(sequence.size()) - known > kFollowTokens;
    const auto end = is_behind ? sequence.begin() + known + kFollowTokens : sequence.end();
    std::vector<int32_t> tokens(sequence.begin() + known, end);
    // The model's vocabulary can be larger than the draft's. The draft cannot embed tokens that only the model has.
    if (std::any_of(tokens.begin(), tokens.end(), [this](int32_t token) { return token >= vocab_size_; })) continue;
    const int32_t left = generation->request.max_tokens - generation->drawn() - 1;
    const int32_t wanted = is_behind ? 0 : std::min(generation->draft->length(), left);
    if (wanted > 0 || is_behind)
      drafts.push_back(
          {generation, std::make_unique<Sampler>(*generation->sampler), wanted, std::move(tokens), static_cast<int32_t>(known)});
  }
  return drafts;
}

void Drafter::run(std::vector<Drafting>& drafts, bool draws) {
  StepPlan plan;
  plan.released = std::exchange(restarted_, {});
  std::vector<int32_t> rows;
  int32_t end = 0;
  for (const auto& draft : drafts) {
    const auto count = static_cast<int32_t>(draft.tokens.size());
    plan.segments.push_back({draft.generation->slot, draft.position, count, draws ? SegmentOutput::All : SegmentOutput::None});
    plan.tokens.insert(plan.tokens.end(), draft.tokens.begin(), draft.tokens.end());
    rows.push_back((end += count) - 1);
  }
  const auto step = decoder_->prepare(std::move(plan));
  auto found = decoder_->run_layers(step, decoder_->embed(step, std::nullopt));
  if (draws) found = decoder_->logits(found, rows);
  evaluator_.finish({found});
  for (size_t index = 0; index < drafts.size(); ++index) {
    auto& draft = drafts[index];
    auto& fed = fed_[draft.generation->slot];
    fed.insert(fed.end(), draft.tokens.begin(), draft.tokens.end());
    if (!draws) continue;
    const int32_t token = draft.sampler->draw(found.data<float>() + static_cast<int64_t>(index) * vocab_size_, vocab_size_, -1).token;
    draft.generation->proposal.push_back(token);
    draft.position += static_cast<int32_t>(draft.tokens.size());
    draft.tokens = {token};
  }
}

}  // namespace exo

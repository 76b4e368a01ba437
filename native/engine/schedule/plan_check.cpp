#include "plan_check.h"

#include <algorithm>
#include <stdexcept>

namespace exo {

namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

}  // namespace

void PlanCheck::accept(const StepPlan& plan, bool may_run_ahead) {
  for (const auto& keep : plan.kept) {
    require((int64_t{keep.index} + 1) * kBlockTokens <= filled(keep.slot), "a step plan keeps a block that no sequence has filled");
    blocks_.insert(keep.block);
  }
  for (const auto& keep : plan.kept_states) {
    require(keep.blocks > 0 && int64_t{keep.blocks} * kBlockTokens <= filled(keep.slot),
            "a step plan keeps a state that no sequence has reached");
    states_.insert(keep.state);
  }
  for (const auto slot : plan.released) {
    require_slot(slot);
    filled_.erase(slot);
  }
  for (const auto block : plan.dropped) blocks_.erase(block);
  for (const auto state : plan.dropped_states) states_.erase(state);
  for (const auto& share : plan.shared) {
    auto& known = filled(share.slot);
    const int64_t end = (int64_t{share.index} + static_cast<int64_t>(share.blocks.size())) * kBlockTokens;
    require(!share.blocks.empty() && int64_t{share.index} * kBlockTokens <= known && end <= limits_.context_tokens,
            "a step plan shares blocks out of place");
    for (const auto block : share.blocks) require(blocks_.contains(block), "a step plan shares a block that is not kept");
    require(share.state < 0 || states_.contains(share.state), "a step plan shares a state that is not kept");
    known = end;
  }
  std::unordered_set<int32_t> planned;
  for (const auto& segment : plan.segments) {
    auto& known = filled(segment.slot);
    const int64_t end = int64_t{segment.position} + segment.tokens;
    require(planned.insert(segment.slot).second, "a step plan has a sequence twice");
    require(segment.position >= 0 && segment.tokens > 0 && segment.position <= known && end <= limits_.context_tokens,
            "a step plan has tokens out of place");
    known = std::max(known, end);
  }
  // A negative number refers to a sample of the step before, which has at most one for each sequence.
  const int32_t least = may_run_ahead && has_followed_ ? -limits_.slots : 0;
  for (const auto token : plan.tokens)
    require(token >= least && token < limits_.vocab_size, "a step plan has a token that is not in the vocabulary");
  has_followed_ = has_followed_ || !plan.is_empty();
}

void PlanCheck::require_slot(int32_t slot) const {
  require(slot >= 0 && slot < limits_.slots, "a step plan names a place that there is not");
}

int64_t& PlanCheck::filled(int32_t slot) {
  require_slot(slot);
  return filled_[slot];
}

}  // namespace exo

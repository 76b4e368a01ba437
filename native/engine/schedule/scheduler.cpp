#include "scheduler.h"

#include <algorithm>

namespace exo {

Scheduler::Scheduler(SchedulerLimits limits) : limits_(limits) {
  for (int32_t slot = limits_.max_batch - 1; slot >= 0; --slot) free_slots_.push_back(slot);
}

bool Scheduler::add(std::shared_ptr<Generation> generation) {
  const bool has_place = static_cast<int32_t>(running_.size() + waiting_.size()) < limits_.max_batch + limits_.max_waiting;
  if (has_place) waiting_.push_back(std::move(generation));
  return has_place;
}

std::shared_ptr<Generation> Scheduler::remove(const std::string& id) {
  const auto has_id = [&](const auto& generation) { return generation->request.id == id; };
  if (const auto found = std::find_if(waiting_.begin(), waiting_.end(), has_id); found != waiting_.end()) {
    auto generation = *found;
    generation->is_finished = true;
    waiting_.erase(found);
    return generation;
  }
  const auto found = std::find_if(running_.begin(), running_.end(), has_id);
  if (found == running_.end()) return nullptr;
  auto generation = *found;
  finish(*generation);
  return generation;
}

void Scheduler::finish(Generation& generation) {
  generation.is_finished = true;
  released_.push_back(generation.slot);
  free_slots_.push_back(generation.slot);
  std::erase_if(running_, [&](const auto& other) { return other.get() == &generation; });
}

std::vector<std::shared_ptr<Generation>> Scheduler::admit() {
  std::vector<std::shared_ptr<Generation>> admitted;
  while (!waiting_.empty() && !free_slots_.empty()) {
    auto generation = std::move(waiting_.front());
    waiting_.pop_front();
    generation->slot = free_slots_.back();
    free_slots_.pop_back();
    running_.push_back(generation);
    admitted.push_back(std::move(generation));
  }
  return admitted;
}

PlannedStep Scheduler::next() {
  PlannedStep step;
  for (const auto& generation : running_) {
    if (generation->is_prefilled() && generation->launched < generation->request.max_tokens) add_decode(step, generation);
  }
  int32_t budget = limits_.prefill_chunk_tokens;
  for (const auto& generation : running_) {
    if (budget > 0 && !generation->is_prefilled()) budget -= add_prefill(step, generation, budget);
  }
  if (!step.plan.is_empty()) step.plan.released = take_released();
  int32_t row = 0;
  for (const auto& owner : step.owners) {
    if (owner->is_prefilled() && owner->request.max_tokens > 0) owner->last_row = row++;
  }
  return step;
}

std::vector<int32_t> Scheduler::take_released() { return std::exchange(released_, {}); }

void Scheduler::add_decode(PlannedStep& step, const std::shared_ptr<Generation>& generation) {
  const int32_t position = generation->prompt_tokens() + generation->launched - 1;
  const bool is_known = generation->drawn == generation->launched;
  step.plan.segments.push_back({generation->slot, position, 1, SegmentOutput::Last});
  step.plan.tokens.push_back(is_known ? generation->last_token : -1 - generation->last_row);
  step.owners.push_back(generation);
  ++generation->launched;
}

int32_t Scheduler::add_prefill(PlannedStep& step, const std::shared_ptr<Generation>& generation, int32_t budget) {
  const auto& request = generation->request;
  const int32_t count = std::min(budget, generation->prompt_tokens() - generation->prefilled);
  const bool is_whole = generation->prefilled + count == generation->prompt_tokens();
  const bool samples = is_whole && request.max_tokens > 0;
  const auto output = request.prompt_logprobs ? SegmentOutput::All : samples ? SegmentOutput::Last : SegmentOutput::None;
  step.plan.segments.push_back({generation->slot, generation->prefilled, count, output});
  const auto first = request.prompt.begin() + generation->prefilled;
  step.plan.tokens.insert(step.plan.tokens.end(), first, first + count);
  step.owners.push_back(generation);
  generation->prefilled += count;
  if (samples) ++generation->launched;
  return count;
}

}  // namespace exo

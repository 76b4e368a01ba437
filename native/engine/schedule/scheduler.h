#pragma once

#include <deque>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../cache/prefix_tree.h"
#include "generation.h"
#include "step_plan.h"

namespace exo {

/// Beyond what a sequence has been given: the steps that run ahead, and what a draft proposes.
inline constexpr int64_t kAheadTokens = 32;

struct SchedulerLimits {
  /// Sequences that share a step.
  int32_t max_batch = 8;
  /// Sequences that may wait for a place.
  int32_t max_waiting = 64;
  /// Prompt tokens in one step, over all sequences.
  int32_t prefill_chunk_tokens = 512;
  /// Tokens that the prefix cache keeps and shares together.
  int32_t block_tokens = kBlockTokens;
  /// Stages of a pipeline, each of which can be at another step.
  int32_t stages = 1;
};

/// A plan, and whose segments they are.
struct PlannedStep {
  StepPlan plan;
  /// One per segment.
  std::vector<std::shared_ptr<Generation>> owners;
};

/// Decides which tokens go into the next step: one of every sequence that decodes, and up to a chunk of prompts. So a
/// long prompt delays running sequences by one chunk at most, and that a short one. Where a pipeline has several stages, each step takes
/// its
/// part of the sequences, so that all stages have work. Prompts begin with what earlier ones left in the prefix cache.
/// Pure: no clock, no MLX.
class Scheduler {
 public:
  explicit Scheduler(SchedulerLimits limits);

  /// The prefix cache is empty and takes nothing before this was said.
  void set_cache_capacity(int32_t blocks) {
    cache_blocks_ = blocks;
    tree_.set_capacity(blocks);
  }
  /// What the sequences and the prefix cache may take together, one whole context at least; without it, whatever they need.
  /// @param growth_blocks by which a sequence grows
  /// @param makes_rooms a sequence takes the room that its plan names from the start
  void set_memory(int32_t blocks, int32_t growth_blocks, bool makes_rooms = false) {
    memory_blocks_ = blocks;
    growth_blocks_ = growth_blocks;
    makes_rooms_ = makes_rooms;
  }
  /// Ranks drop tokens outside their windows, so a block can be kept only right after it is full.
  void set_forgets(bool forgets) { forgets_ = forgets; }
  int32_t cached_blocks() const { return tree_.size(); }

  /// @returns false when the queue is full
  bool add(std::shared_ptr<Generation> generation);

  /// Takes a generation out, wherever it is, and frees its slot. @returns it, or null when there is none of this id
  std::shared_ptr<Generation> remove(const std::string& id);

  /// Ends a generation and frees its slot.
  void finish(Generation& generation);

  /// Gives waiting generations free slots, oldest first, as far as there is memory for their prompts. @returns those that got one
  std::vector<std::shared_ptr<Generation>> admit();

  /// Plans a step and counts its tokens as given.
  /// @param tokens_in_company prompt tokens of a step while any sequence decodes, or several prompts come in
  /// @param tokens_alone of a step that one prompt has for itself
  /// @returns an empty plan when nothing can be done now
  PlannedStep next(int32_t tokens_in_company = std::numeric_limits<int32_t>::max(),
                   int32_t tokens_alone = std::numeric_limits<int32_t>::max());

  /// What the ranks have to do with their caches before they rest: a plan without tokens.
  StepPlan rest();

  /// Ends all running generations after a step broke: what the ranks hold is worth nothing, the prefix cache neither.
  std::vector<std::shared_ptr<Generation>> abandon();

  bool is_idle() const { return waiting_.empty() && running_.empty(); }
  const std::vector<std::shared_ptr<Generation>>& running() const { return running_; }
  const std::deque<std::shared_ptr<Generation>>& waiting() const { return waiting_; }

 private:
  /// What a sequence will have taken after the steps that can be launched before this is asked again.
  int64_t blocks_of(const Generation& generation) const;
  /// Of all running sequences.
  int64_t sequence_blocks() const;
  /// Where sequences have outgrown the memory, the newest step aside until older ones have ended.
  void make_room();
  void step_aside(const std::shared_ptr<Generation>& generation);
  bool can_decode(const Generation& generation) const;
  void add_decodes(PlannedStep& step);
  void add_prefills(PlannedStep& step, int32_t tokens_in_company, int32_t tokens_alone);
  int32_t chunk_tokens(std::span<const int32_t> left, int32_t tokens_in_company, int32_t tokens_alone) const;
  void add_prefill(PlannedStep& step, const std::shared_ptr<Generation>& generation, int32_t count);
  bool awaits_shared_blocks(const Generation& generation) const;
  void share_blocks(StepPlan& plan, Generation& generation);
  /// Offers what a generation has filled, of its prompt and its output, to the prefix cache.
  void keep_blocks(Generation& generation);
  void take_cache_changes(StepPlan& plan);

  SchedulerLimits limits_;
  PrefixTree tree_;
  std::deque<std::shared_ptr<Generation>> waiting_;
  std::vector<std::shared_ptr<Generation>> running_;
  std::vector<int32_t> free_slots_;
  int32_t cache_blocks_ = 0;
  int32_t memory_blocks_ = std::numeric_limits<int32_t>::max();
  int32_t growth_blocks_ = 1;
  bool makes_rooms_ = false;
  bool forgets_ = false;
  /// For the next plan.
  std::vector<PlanKeep> kept_;
  std::vector<int32_t> released_;
  std::vector<PlanRoom> rooms_;
};

}  // namespace exo

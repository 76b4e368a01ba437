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

/// Tokens beyond those planned for a sequence: steps that run ahead, and proposals of a draft.
inline constexpr int64_t kAheadTokens = 32;

struct SchedulerLimits {
  /// The most sequences in a step.
  int32_t max_batch = 8;
  /// The most sequences that may wait for a slot.
  int32_t max_waiting = 64;
  /// The most prompt tokens in a step, over all sequences.
  int32_t prefill_chunk_tokens = 512;
  /// The number of tokens in a block of the prefix cache.
  int32_t block_tokens = kBlockTokens;
  /// Stages of the pipeline. Each of them can process another step.
  int32_t stages = 1;
  /// The fixed cost of a chunk, which reads all weights: that of so many more tokens.
  int32_t chunk_cost_tokens = 8;
};

/// A plan and the generations that its segments belong to.
struct PlannedStep {
  StepPlan plan;
  /// One per segment.
  std::vector<std::shared_ptr<Generation>> owners;
};

/// Decides which tokens are in the next step: one token of every sequence that decodes, and up to one chunk of prompts.
/// So a long prompt delays running sequences by at most one short chunk. In a pipeline with several stages, each step
/// has a part of the sequences, so that all stages have work. Prompts start with what earlier ones left in the prefix
/// cache. Pure: no clock, no MLX.
class Scheduler {
 public:
  explicit Scheduler(SchedulerLimits limits);

  /// Sets the size of the prefix cache. Until then it keeps nothing.
  void set_cache_capacity(int32_t blocks) {
    cache_blocks_ = blocks;
    tree_.set_capacity(blocks);
  }
  /// Limits what sequences and the prefix cache may use together; by default, nothing is limited. One full context
  /// always fits.
  /// @param growth_blocks the number of blocks by which a sequence's memory grows
  /// @param makes_rooms whether a sequence allocates the room that its plan names from the start
  void set_memory(int32_t blocks, int32_t growth_blocks, bool makes_rooms = false) {
    memory_blocks_ = blocks;
    growth_blocks_ = growth_blocks;
    makes_rooms_ = makes_rooms;
  }
  /// Ranks drop tokens outside their windows, so a block can be kept only right after it is full.
  void set_forgets(bool forgets) { forgets_ = forgets; }
  /// The model keeps states: a prefix can be shared only where its state was kept.
  /// @param blocks how many blocks the memory of a state would hold, at least 1
  void set_state_size(int32_t blocks) {
    keeps_states_ = true;
    tree_.set_state_size(blocks);
  }
  int32_t cached_blocks() const { return tree_.size(); }

  /// @returns false if the queue is full
  bool add(std::shared_ptr<Generation> generation);

  /// Removes a generation, running or waiting, and frees its slot. @returns the generation, or null if the id is
  /// unknown
  std::shared_ptr<Generation> remove(const std::string& id);

  /// Ends a generation and frees its slot.
  void finish(Generation& generation);

  /// Assigns free slots to waiting generations, oldest first, while memory suffices for their prompts. @returns the
  /// admitted ones
  std::vector<std::shared_ptr<Generation>> admit();

  /// Plans a step and counts its tokens as planned.
  /// @param tokens_in_company the most prompt tokens in a step while a sequence decodes or several prompts are
  /// prefilled
  /// @param tokens_alone the most prompt tokens in a step with a single prompt and nothing else
  /// @returns an empty plan if nothing can be done now
  PlannedStep next(int32_t tokens_in_company = std::numeric_limits<int32_t>::max(),
                   int32_t tokens_alone = std::numeric_limits<int32_t>::max());

  /// What the ranks must do with their caches before they rest, as a plan without tokens.
  StepPlan rest();

  /// Ends all running generations after a step fails, and empties the prefix cache, because the ranks' caches are
  /// invalid.
  std::vector<std::shared_ptr<Generation>> abandon();

  bool is_idle() const { return waiting_.empty() && running_.empty(); }
  const std::vector<std::shared_ptr<Generation>>& running() const { return running_; }
  const std::deque<std::shared_ptr<Generation>>& waiting() const { return waiting_; }

 private:
  /// The blocks that a sequence will use after all steps that can be launched before the next check.
  int64_t blocks_of(const Generation& generation) const;
  /// The blocks of all running sequences.
  int64_t sequence_blocks() const;
  /// If sequences have outgrown the memory, stops the newest ones until older ones have ended.
  void make_room();
  void step_aside(const std::shared_ptr<Generation>& generation);
  bool can_decode(const Generation& generation) const;
  void add_decodes(PlannedStep& step);
  void add_prefills(PlannedStep& step, int32_t tokens_in_company, int32_t tokens_alone);
  /// @param prompts the prompts that the chunk is for
  int32_t chunk_tokens(const std::vector<std::shared_ptr<Generation>>& prompts, int32_t tokens_in_company, int32_t tokens_alone) const;
  void add_prefill(PlannedStep& step, const std::shared_ptr<Generation>& generation, int32_t count);
  bool awaits_shared_blocks(const Generation& generation) const;
  void share_blocks(StepPlan& plan, Generation& generation);
  /// The first position after its planned tokens at which a step must end, so that the state there can be kept; the end of the
  /// prompt if there is none.
  int32_t next_stop(const Generation& generation);
  /// Offers the state of a generation to the prefix cache if it is at the end of a block.
  void keep_state(Generation& generation);
  /// Offers the filled blocks of a generation's prompt and output to the prefix cache.
  void keep_blocks(Generation& generation);
  /// @param tokens whole blocks of its prompt and output
  void offer_blocks(Generation& generation, std::span<const int32_t> tokens);
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
  bool keeps_states_ = false;
  /// Parts of the next plan.
  std::vector<PlanKeep> kept_;
  std::vector<PlanStateKeep> kept_states_;
  std::vector<int32_t> released_;
  std::vector<PlanRoom> rooms_;
};

}  // namespace exo

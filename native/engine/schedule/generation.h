#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../grammar/grammar_spec.h"
#include "../sample/sampler.h"
#include "draft_policy.h"
#include "pooling.h"

namespace exo {

/// A request. The facade has checked it.
struct GenerationRequest {
  std::string id;
  std::vector<int32_t> prompt;
  /// How many of the prompt's last tokens were drawn in an earlier run.
  int32_t resumed = 0;
  int32_t max_tokens = 0;
  std::vector<int32_t> stop_tokens;
  /// Below 0: no logprobs.
  int32_t top_logprobs = -1;
  bool prompt_logprobs = false;
  /// Whether the request asks for an embedding of the prompt.
  std::optional<Pooling> pooling;
  /// With `Pooling::Scores` of a decoder: the tokens whose logits are wanted.
  std::vector<int32_t> scored_tokens;
  /// The tokens of the second of two texts, which are the last of the prompt; 0: one text.
  int32_t second_tokens = 0;
  /// The draft model that proposes tokens; empty: none.
  std::string draft_id;
  /// Before it is compiled into one of `sampling`.
  std::optional<GrammarSpec> grammar;
  SamplerSettings sampling;
};

/// A request and its progress. Only the scheduler changes it.
struct Generation {
  GenerationRequest request;
  /// -1 while it waits for a slot.
  int32_t slot = -1;
  /// Prompt tokens that have been planned in a step or taken from the prefix cache.
  int32_t prefilled = 0;
  /// How many of these come from the prefix cache.
  int32_t cached = 0;
  /// Blocks of prompt and output that the prefix cache has been offered.
  int32_t offered_blocks = 0;
  /// Where its next step ends at the latest, because its state is kept there.
  int32_t stop = 0;
  /// Its ranks know its states from this position on.
  int32_t state_begins = 0;
  /// The last position whose state was offered to the prefix cache.
  int32_t stated = 0;
  /// The number of the newest state that was kept within its output and replaces the one before; below 0: none.
  int32_t answer_state = -1;
  /// Samples that have been planned in a step.
  int32_t launched = 0;
  /// The drawn tokens, in order. Samples of running steps are still missing.
  std::vector<int32_t> output;
  /// Row of the newest launched sample among the samples of its step.
  int32_t last_row = -1;
  bool is_finished = false;
  /// Running steps that include tokens of it.
  int32_t in_flight = 0;
  /// It is planned in no more steps, and loses its slot when none is running.
  bool is_yielding = false;
  /// It has lost its slot after it had drawn tokens, which are now at the end of its prompt.
  bool is_again = false;
  /// How many drawn tokens have moved to the end of the prompt since the request arrived.
  int32_t drawn_before = 0;
  /// When it arrived, got a slot, and drew its first token, in milliseconds of the engine's clock.
  double queued_ms = 0;
  double started_ms = 0;
  double first_token_ms = 0;
  /// When its newest token was delivered.
  double delivered_ms = 0;
  std::unique_ptr<Sampler> sampler;
  /// Present while a draft is available.
  std::optional<DraftPolicy> draft;
  /// The proposal for the next step: of the draft, or of the grammar.
  std::vector<int32_t> proposal;
  /// The tokens that its grammar leaves after those that are planned; they become the next proposal.
  std::vector<int32_t> forced;
  /// Whether the proposal that is running is the grammar's.
  bool is_jumping = false;
  /// A step with proposals is running, so it is unknown how many tokens it will draw.
  bool is_verifying = false;
  /// The scores of the prompt's tokens from the second on, as far as they are known.
  std::vector<Choice> prompt_scores;
  /// The sum so far of the hidden states that make up the embedding; empty: none yet.
  std::vector<double> embedding;

  /// Whether its tokens can be drawn on the device: its logits are used unchanged, and no logprobs or proposals are
  /// needed.
  bool is_plain() const {
    const auto& sampling = request.sampling;
    return request.top_logprobs < 0 && request.draft_id.empty() && sampling.logit_bias.empty() && sampling.allowed_tokens.empty() &&
           sampling.banned_sequences.empty() && !sampling.grammar && sampling.min_tokens == 0 && sampling.repetition_penalty == 1 &&
           sampling.presence_penalty == 0 && sampling.frequency_penalty == 0;
  }
  /// The index of its newest launched sample among all of its samples. The count continues if it is resumed.
  uint64_t sample_number() const { return static_cast<uint64_t>(request.resumed + drawn_before + launched - 1); }
  bool is_drafting() const { return draft && draft->length() > 0; }
  /// Whether the tokens of all planned samples are known.
  bool is_known() const { return drawn() == launched; }
  int32_t drawn() const { return static_cast<int32_t>(output.size()); }
  int32_t prompt_tokens() const { return static_cast<int32_t>(request.prompt.size()); }
  bool is_prefilled() const { return prefilled == prompt_tokens(); }
};

}  // namespace exo

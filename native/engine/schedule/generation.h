#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../sample/sampler.h"
#include "draft_policy.h"
#include "pooling.h"

namespace exo {

/// A request, checked by the facade.
struct GenerationRequest {
  std::string id;
  std::vector<int32_t> prompt;
  /// How many of the prompt's last tokens an earlier run had drawn.
  int32_t resumed = 0;
  int32_t max_tokens = 0;
  std::vector<int32_t> stop_tokens;
  /// Below 0: no logprobs.
  int32_t top_logprobs = -1;
  bool prompt_logprobs = false;
  /// Whether the request asks for an embedding of the prompt.
  std::optional<Pooling> pooling;
  /// Of the model that proposes tokens; empty: none does.
  std::string draft_id;
  SamplerSettings sampling;
};

/// A request and how far it has come. The scheduler alone changes it.
struct Generation {
  GenerationRequest request;
  /// -1 while it waits.
  int32_t slot = -1;
  /// Prompt tokens that were given to a step, or taken from the prefix cache.
  int32_t prefilled = 0;
  /// Of these, those from the prefix cache.
  int32_t cached = 0;
  /// Blocks, of prompt and output, that the prefix cache was offered.
  int32_t offered_blocks = 0;
  /// Samples that were given to a step.
  int32_t launched = 0;
  /// Samples whose token is known, in order.
  std::vector<int32_t> output;
  /// Row of the newest launched sample among the samples of its step.
  int32_t last_row = -1;
  bool is_finished = false;
  /// Steps that are on their way with tokens of it.
  int32_t in_flight = 0;
  /// Is given no more steps until its slot can be taken from it.
  bool is_yielding = false;
  /// Its slot was taken after it had drawn tokens, which its prompt now ends with.
  bool is_again = false;
  /// Samples that its prompt has taken in since it came.
  int32_t drawn_before = 0;
  /// When it came, got a slot, and drew its first token; the engine's clock.
  double queued_ms = 0;
  double started_ms = 0;
  double first_token_ms = 0;
  /// When its newest token came.
  double delivered_ms = 0;
  std::unique_ptr<Sampler> sampler;
  /// While there is a draft for it.
  std::optional<DraftPolicy> draft;
  /// What the draft proposes for the next step.
  std::vector<int32_t> proposal;
  /// A step with proposals is on its way: what it will have drawn is not known.
  bool is_verifying = false;
  /// Of the prompt's tokens after the first, as far as they are known.
  std::vector<Choice> prompt_scores;
  /// The sum so far of the states that make up the embedding; empty: none yet.
  std::vector<double> embedding;

  /// Its tokens can be drawn wherever the logits are: nothing changes these, and nobody asks for more than the token.
  bool is_plain() const {
    const auto& sampling = request.sampling;
    return request.top_logprobs < 0 && request.draft_id.empty() && sampling.logit_bias.empty() && sampling.allowed_tokens.empty() &&
           sampling.banned_sequences.empty() && sampling.min_tokens == 0 && sampling.repetition_penalty == 1 &&
           sampling.presence_penalty == 0 && sampling.frequency_penalty == 0;
  }
  /// Of its newest launched sample among all that it draws; a resumed one goes on counting.
  uint64_t sample_number() const { return static_cast<uint64_t>(request.resumed + drawn_before + launched - 1); }
  bool is_drafting() const { return draft && draft->length() > 0; }
  /// The tokens of all samples that were given to a step.
  bool is_known() const { return drawn() == launched; }
  int32_t drawn() const { return static_cast<int32_t>(output.size()); }
  int32_t prompt_tokens() const { return static_cast<int32_t>(request.prompt.size()); }
  bool is_prefilled() const { return prefilled == prompt_tokens(); }
};

}  // namespace exo

#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../grammar/sequence_guide.h"
#include "../kernels/kernels.h"

namespace exo {

/// How one token is drawn. The facade has checked the ranges.
struct SamplerSettings {
  /// 0: always the most likely token.
  float temperature = 1;
  float top_p = 1;
  /// 0: unlimited.
  int32_t top_k = 0;
  float min_p = 0;
  float repetition_penalty = 1;
  float presence_penalty = 0;
  float frequency_penalty = 0;
  std::vector<std::pair<int32_t, float>> logit_bias;
  /// If not empty, only these tokens may be drawn.
  std::vector<int32_t> allowed_tokens;
  /// The output contains none of these sequences.
  std::vector<std::vector<int32_t>> banned_sequences;
  /// No token of `stop_tokens` is drawn before the output has this many tokens.
  int32_t min_tokens = 0;
  std::vector<int32_t> stop_tokens;
  /// The output follows it; null: it is free.
  std::shared_ptr<const TokenGrammar> grammar;
  uint64_t seed = 0;
};

struct TokenLogprob {
  int32_t token;
  float logprob;
};

/// One drawn token. Logprobs are those of the raw logits, before penalties, temperature and filters.
struct Choice {
  int32_t token = -1;
  float logprob = 0;
  /// Most likely first.
  std::vector<TokenLogprob> top;
  /// The grammar allows none of the vocabulary's tokens: the drawn one means nothing.
  bool is_dead_end = false;
};

/// The `count` most likely tokens of a row of logits, most likely first. If two are equal, the lower id comes first.
std::vector<TokenLogprob> likeliest(const float* logits, int32_t vocabulary, int32_t count, float log_sum_exp);

/// The random number in [0, 1) that draws token `step` of a sequence.
double uniform_of(uint64_t seed, uint64_t step);

/// Draws the tokens of one sequence. Step n uses derive_shard_seed(seed, 0, n), so a sequence that is resumed
/// elsewhere, or batched with others, continues with the same text.
/// Order: logit bias, repetition, presence and frequency penalty, excluded tokens, the grammar, temperature, min-p, top-k,
/// top-p (each filter keeps some of what the previous one has kept), one random number.
class Sampler {
 public:
  /// @param resumed how many of the prompt's last tokens count as output of earlier steps
  Sampler(SamplerSettings settings, const std::vector<int32_t>& prompt, int32_t resumed, const Kernels& kernels);

  /// Sets the number of the next token. Needed for a sequence whose earlier tokens were drawn on the device.
  void set_step(uint64_t step) { step_ = step; }

  /// @param top_logprobs below 0: no logprobs
  Choice draw(const float* logits, int32_t vocabulary, int32_t top_logprobs);

  /// The tokens that its grammar leaves next, at most `most`; none if it leaves a choice, or if there is no grammar.
  std::vector<int32_t> forced(size_t most) { return guide_.forced(most); }

 private:
  bool adjusts_logits() const;
  bool excludes_tokens() const;
  void adjust(float* logits, int32_t vocabulary) const;
  void exclude(float* logits, int32_t vocabulary) const;
  int32_t choose(const float* logits, int32_t vocabulary);
  int32_t choose_filtered(int32_t vocabulary, double total, double uniform);

  SamplerSettings settings_;
  SequenceGuide guide_;
  const Kernels& kernels_;
  uint64_t step_;
  /// How often each token occurs in the output.
  std::unordered_map<int32_t, int32_t> output_counts_;
  /// The tokens of prompt and output; empty unless a repetition penalty needs them.
  std::unordered_map<int32_t, bool> seen_;
  /// The output; empty unless sequences are banned.
  std::vector<int32_t> output_;
  std::vector<float> adjusted_;
  std::vector<float> weights_;
};

}  // namespace exo

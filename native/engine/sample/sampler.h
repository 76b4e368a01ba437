#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../kernels/kernels.h"

namespace exo {

/// How one token is drawn; the facade has checked the ranges.
struct SamplerSettings {
  /// 0: the likeliest token.
  float temperature = 1;
  float top_p = 1;
  /// 0: off.
  int32_t top_k = 0;
  float min_p = 0;
  float repetition_penalty = 1;
  float presence_penalty = 0;
  float frequency_penalty = 0;
  std::vector<std::pair<int32_t, float>> logit_bias;
  /// Empty: any token may be drawn.
  std::vector<int32_t> allowed_tokens;
  /// The output has none of these sequences.
  std::vector<std::vector<int32_t>> banned_sequences;
  /// None of `stop_tokens` is drawn before the output has this many tokens.
  int32_t min_tokens = 0;
  std::vector<int32_t> stop_tokens;
  uint64_t seed = 0;
};

struct TokenLogprob {
  int32_t token;
  float logprob;
};

/// One drawn token; logprobs are of the raw logits, before penalties, temperature and filters.
struct Choice {
  int32_t token = -1;
  float logprob = 0;
  /// Likeliest first.
  std::vector<TokenLogprob> top;
};

/// The `count` likeliest tokens of a row of logits, likeliest first, the lower id first among equals.
std::vector<TokenLogprob> likeliest(const float* logits, int32_t vocabulary, int32_t count, float log_sum_exp);

/// The number in [0, 1) that draws token `step` of a sequence.
double uniform_of(uint64_t seed, uint64_t step);

/// Draws the tokens of one sequence. Step n uses derive_shard_seed(seed, 0, n), so that a sequence that is resumed
/// elsewhere, or shares its batch with others, goes on with the same text.
///
/// Order: logit bias, repetition, presence and frequency penalty, tokens that must not be drawn, temperature, min-p,
/// top-k, top-p (each of what the one before has kept), one uniform number.
class Sampler {
 public:
  /// The last `resumed` tokens of `prompt` count as output of the steps before.
  Sampler(SamplerSettings settings, const std::vector<int32_t>& prompt, int32_t resumed, const Kernels& kernels);

  /// The next token is the one of this number; for a sequence whose tokens others drew too.
  void set_step(uint64_t step) { step_ = step; }

  /// @param top_logprobs below 0: no logprobs at all
  Choice draw(const float* logits, int32_t vocabulary, int32_t top_logprobs);

 private:
  bool adjusts_logits() const;
  bool excludes_tokens() const;
  void adjust(float* logits, int32_t vocabulary) const;
  void exclude(float* logits, int32_t vocabulary) const;
  int32_t choose(const float* logits, int32_t vocabulary);
  int32_t choose_filtered(int32_t vocabulary, double total, double uniform);

  SamplerSettings settings_;
  const Kernels& kernels_;
  uint64_t step_;
  /// Times each token stands in the output.
  std::unordered_map<int32_t, int32_t> output_counts_;
  /// The tokens of prompt and output; empty unless a repetition penalty needs them.
  std::unordered_map<int32_t, bool> seen_;
  /// Empty unless sequences are banned.
  std::vector<int32_t> output_;
  std::vector<float> adjusted_;
  std::vector<float> weights_;
};

}  // namespace exo

#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "shard_seed.h"

namespace exo {

namespace {

/// Lower than every logit, but finite, so that tokens are still ordered if none of them may be drawn.
constexpr float kExcluded = -1e30f;
constexpr float kNotAllowed = -2e30f;
constexpr float kLeastWeight = 1e-37f;

int32_t index_of_largest(const float* values, int32_t size) {
  return static_cast<int32_t>(std::max_element(values, values + size) - values);
}

}  // namespace

std::vector<TokenLogprob> likeliest(const float* logits, int32_t vocabulary, int32_t count, float log_sum_exp) {
  std::vector<TokenLogprob> top;
  count = std::min(count, vocabulary);
  if (count <= 0) return top;
  top.reserve(static_cast<size_t>(count) + 1);
  for (int32_t token = 0; token < vocabulary; ++token) {
    const bool is_full = static_cast<int32_t>(top.size()) == count;
    if (is_full && !(logits[token] > top.back().logprob)) continue;
    const auto place = std::upper_bound(top.begin(), top.end(), logits[token],
                                        [](float value, const TokenLogprob& other) { return value > other.logprob; });
    top.insert(place, {token, logits[token]});
    if (is_full) top.pop_back();
  }
  for (auto& entry : top) entry.logprob -= log_sum_exp;
  return top;
}

double uniform_of(uint64_t seed, uint64_t step) { return unit_interval(derive_shard_seed(seed, 0, step)); }

Sampler::Sampler(SamplerSettings settings, const std::vector<int32_t>& prompt, int32_t resumed, const Kernels& kernels)
    : settings_(std::move(settings)), kernels_(kernels), step_(static_cast<uint64_t>(resumed)) {
  for (auto token = prompt.end() - resumed; token != prompt.end(); ++token) ++output_counts_[*token];
  if (settings_.repetition_penalty != 1) {
    for (const auto token : prompt) seen_[token] = true;
  }
  if (!settings_.banned_sequences.empty()) output_.assign(prompt.end() - resumed, prompt.end());
  if (!settings_.grammar) return;
  guide_ = SequenceGuide(settings_.grammar->begin());
  for (auto token = prompt.end() - resumed; token != prompt.end(); ++token) guide_.accept(*token);
}

Choice Sampler::draw(const float* logits, int32_t vocabulary, int32_t top_logprobs) {
  const float* source = logits;
  if (adjusts_logits()) {
    adjusted_.assign(logits, logits + vocabulary);
    adjust(adjusted_.data(), vocabulary);
    source = adjusted_.data();
  }
  Choice choice;
  if (guide_.is_active()) choice.is_dead_end = !guide_.restrict(adjusted_.data(), vocabulary, kNotAllowed);
  choice.token = settings_.temperature == 0 ? index_of_largest(source, vocabulary) : choose(source, vocabulary);
  ++step_;
  ++output_counts_[choice.token];
  if (settings_.repetition_penalty != 1) seen_[choice.token] = true;
  if (!settings_.banned_sequences.empty()) output_.push_back(choice.token);
  if (!choice.is_dead_end) guide_.accept(choice.token);
  if (top_logprobs >= 0) {
    const float log_sum_exp = kernels_.log_sum_exp(logits, vocabulary);
    choice.logprob = logits[choice.token] - log_sum_exp;
    choice.top = likeliest(logits, vocabulary, top_logprobs, log_sum_exp);
  }
  return choice;
}

bool Sampler::adjusts_logits() const {
  return !settings_.logit_bias.empty() || settings_.repetition_penalty != 1 || settings_.presence_penalty != 0 ||
         settings_.frequency_penalty != 0 || excludes_tokens();
}

bool Sampler::excludes_tokens() const {
  return guide_.is_active() || !settings_.allowed_tokens.empty() || !settings_.banned_sequences.empty() ||
         step_ < static_cast<uint64_t>(settings_.min_tokens);
}

void Sampler::adjust(float* logits, int32_t vocabulary) const {
  for (const auto& [token, bias] : settings_.logit_bias) {
    if (token < vocabulary) logits[token] += bias;
  }
  for (const auto& [token, _] : seen_) {
    float& logit = logits[token];
    logit = logit > 0 ? logit / settings_.repetition_penalty : logit * settings_.repetition_penalty;
  }
  if (settings_.presence_penalty != 0 || settings_.frequency_penalty != 0) {
    for (const auto& [token, count] : output_counts_) {
      logits[token] -= settings_.presence_penalty + settings_.frequency_penalty * static_cast<float>(count);
    }
  }
  if (excludes_tokens()) exclude(logits, vocabulary);
}

void Sampler::exclude(float* logits, int32_t vocabulary) const {
  if (step_ < static_cast<uint64_t>(settings_.min_tokens)) {
    for (const auto token : settings_.stop_tokens) {
      if (token < vocabulary) logits[token] = kExcluded;
    }
  }
  for (const auto& sequence : settings_.banned_sequences) {
    const auto before = static_cast<std::ptrdiff_t>(sequence.size()) - 1;
    if (before < 0 || before > static_cast<std::ptrdiff_t>(output_.size()) || sequence.back() >= vocabulary) continue;
    if (std::equal(sequence.begin(), sequence.end() - 1, output_.end() - before)) logits[sequence.back()] = kExcluded;
  }
  if (settings_.allowed_tokens.empty()) return;
  std::vector<float> allowed(static_cast<size_t>(vocabulary), kNotAllowed);
  for (const auto token : settings_.allowed_tokens) {
    if (token < vocabulary) allowed[static_cast<size_t>(token)] = logits[token];
  }
  std::copy(allowed.begin(), allowed.end(), logits);
}

int32_t Sampler::choose(const float* logits, int32_t vocabulary) {
  const double uniform = uniform_of(settings_.seed, step_);
  weights_.resize(static_cast<size_t>(vocabulary));
  const float maximum = *std::max_element(logits, logits + vocabulary);
  kernels_.exponentials(logits, weights_.data(), vocabulary, maximum, 1.0f / settings_.temperature);
  if (excludes_tokens()) {
    // The kernel never returns 0, so excluded tokens are set to 0 here.
    for (float& weight : weights_) weight = weight > kLeastWeight ? weight : 0.0f;
  }
  double total = 0;
  for (const float weight : weights_) total += weight >= settings_.min_p ? weight : 0.0f;
  if (settings_.top_k > 0 || settings_.top_p < 1 || settings_.min_p > 0) return choose_filtered(vocabulary, total, uniform);
  double left = uniform * total;
  for (int32_t token = 0; token < vocabulary; ++token) {
    left -= weights_[static_cast<size_t>(token)];
    if (left < 0) return token;
  }
  return index_of_largest(weights_.data(), vocabulary);
}

int32_t Sampler::choose_filtered(int32_t vocabulary, double total, double uniform) {
  const size_t top_k = settings_.top_k > 0 ? static_cast<size_t>(std::min(settings_.top_k, vocabulary)) : static_cast<size_t>(vocabulary);
  // The largest weight is 1. Sorting the whole vocabulary would take longer than the rest of the step. So only tokens
  // above a threshold are kept, and the threshold falls until they surely include the result.
  std::vector<std::pair<float, int32_t>> kept;
  for (float threshold = 1e-2f;; threshold = threshold > 1e-30f ? threshold * 1e-2f : 0.0f) {
    kept.clear();
    double sum = 0;
    const float floor = std::max(threshold, settings_.min_p);
    for (int32_t token = 0; token < vocabulary; ++token) {
      const float weight = weights_[static_cast<size_t>(token)];
      if (weight < floor) continue;
      kept.emplace_back(weight, token);
      sum += weight;
    }
    const bool has_top_k = settings_.top_k > 0 && kept.size() >= top_k;
    const bool has_top_p = settings_.top_k == 0 && settings_.top_p < 1 && sum >= settings_.top_p * total;
    if (has_top_k || has_top_p || threshold <= settings_.min_p) break;
  }
  std::sort(kept.begin(), kept.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  if (kept.size() > top_k) {
    kept.resize(top_k);
    total = 0;
    for (const auto& [weight, _] : kept) total += weight;
  }
  if (settings_.top_p < 1) {
    double sum = 0;
    size_t count = 0;
    while (count < kept.size() && sum < settings_.top_p * total) sum += kept[count++].first;
    kept.resize(std::max<size_t>(count, 1));
  }
  double sum = 0;
  for (const auto& [weight, _] : kept) sum += weight;
  double left = uniform * sum;
  for (const auto& [weight, token] : kept) {
    left -= weight;
    if (left < 0) return token;
  }
  return kept.front().second;
}

}  // namespace exo

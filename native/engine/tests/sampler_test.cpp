#include "../sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "test.h"

using namespace exo;

namespace {

const std::vector<float> kLogits{1.0f, 3.0f, 2.0f, -1.0f, 3.0f, 0.5f};
const auto kVocabulary = static_cast<int32_t>(kLogits.size());

Sampler sampler(SamplerSettings settings, std::vector<int32_t> prompt = {0}, int32_t resumed = 0) {
  return Sampler(std::move(settings), prompt, resumed, host_kernels());
}

SamplerSettings with_seed(uint64_t seed) {
  SamplerSettings settings;
  settings.seed = seed;
  return settings;
}

/// Allows the tokens 0 to 5 in turn, and any after them.
class InTurn : public TokenGuide {
 public:
  std::unique_ptr<TokenGuide> copy() const override { return std::make_unique<InTurn>(*this); }
  std::span<const uint32_t> allowed() override {
    bits_ = uint32_t{1} << next_;
    return next_ < kVocabulary ? std::span(&bits_, 1) : std::span<const uint32_t>{};
  }
  bool accept(int32_t token) override { return token == next_++; }
  std::vector<int32_t> forced(size_t) override { return {}; }

 private:
  int32_t next_ = 0;
  uint32_t bits_ = 0;
};

struct InTurnGrammar : TokenGrammar {
  std::unique_ptr<TokenGuide> begin() const override { return std::make_unique<InTurn>(); }
};

int32_t first_token(const SamplerSettings& settings, const std::vector<float>& logits = kLogits) {
  return sampler(settings).draw(logits.data(), static_cast<int32_t>(logits.size()), -1).token;
}

std::set<int32_t> tokens_drawn(SamplerSettings settings, const std::vector<float>& logits = kLogits) {
  std::set<int32_t> tokens;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    settings.seed = seed;
    tokens.insert(first_token(settings, logits));
  }
  return tokens;
}

std::vector<double> softmax(const std::vector<float>& logits, double temperature) {
  std::vector<double> weights;
  double sum = 0;
  for (const float logit : logits) sum += weights.emplace_back(std::exp(logit / temperature));
  for (auto& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

TEST("at temperature 0 the likeliest token is drawn, the lower id first among equals") {
  SamplerSettings settings;
  settings.temperature = 0;
  CHECK_EQUAL(first_token(settings), 1);
}

TEST("tokens come as often as the softmax at that temperature says") {
  for (const float temperature : {0.5f, 1.0f, 2.0f}) {
    std::vector<int> counts(kLogits.size());
    const int draws = 40000;
    for (int seed = 0; seed < draws; ++seed) {
      auto settings = with_seed(static_cast<uint64_t>(seed) * 7919);
      settings.temperature = temperature;
      ++counts[static_cast<size_t>(first_token(settings))];
    }
    const auto expected = softmax(kLogits, temperature);
    for (size_t token = 0; token < kLogits.size(); ++token) CHECK(std::abs(counts[token] / double(draws) - expected[token]) < 0.012);
  }
}

TEST("the same seed draws the same tokens, and a resumed sequence goes on where it was") {
  auto whole = sampler(with_seed(5));
  std::vector<int32_t> tokens{0};
  for (int i = 0; i < 20; ++i) tokens.push_back(whole.draw(kLogits.data(), kVocabulary, -1).token);
  for (int32_t resumed = 0; resumed < 20; ++resumed) {
    const std::vector<int32_t> prompt(tokens.begin(), tokens.begin() + 1 + resumed);
    auto rest = sampler(with_seed(5), prompt, resumed);
    for (int32_t i = resumed; i < 20; ++i)
      CHECK_EQUAL(rest.draw(kLogits.data(), kVocabulary, -1).token, tokens[static_cast<size_t>(i) + 1]);
  }
}

TEST("top-k, top-p and min-p leave the tokens that they should") {
  SamplerSettings top_k;
  top_k.top_k = 3;
  CHECK(tokens_drawn(top_k) == std::set<int32_t>({1, 2, 4}));
  SamplerSettings top_p;
  top_p.top_p = 0.7f;  // tokens 1 and 4 have a probability of 0.37 each
  CHECK(tokens_drawn(top_p) == std::set<int32_t>({1, 4}));
  SamplerSettings min_p;
  min_p.min_p = 0.3f;  // token 2 is e^-1 times as likely as the most likely token
  CHECK(tokens_drawn(min_p) == std::set<int32_t>({1, 2, 4}));
  SamplerSettings tiny;
  tiny.top_p = 1e-6f;
  CHECK(tokens_drawn(tiny) == std::set<int32_t>({1}));
}

TEST("filters agree with a plain sort on random logits of a large vocabulary") {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 3);
  for (int round = 0; round < 60; ++round) {
    std::vector<float> logits(2000);
    for (auto& logit : logits) logit = normal(random);
    SamplerSettings settings = with_seed(static_cast<uint64_t>(round));
    settings.top_p = round % 3 == 0 ? 1.0f : 0.5f + 0.01f * static_cast<float>(round % 49);
    settings.top_k = round % 2 == 0 ? 0 : 1 + round * 5;
    settings.min_p = round % 5 == 0 ? 0.02f : 0.0f;
    std::vector<int32_t> order(logits.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int32_t>(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](int32_t a, int32_t b) { return logits[static_cast<size_t>(a)] > logits[static_cast<size_t>(b)]; });
    const auto weight = [&](int32_t token) {
      return std::exp(double(logits[static_cast<size_t>(token)] - logits[static_cast<size_t>(order[0])]));
    };
    std::erase_if(order, [&](int32_t token) { return weight(token) < settings.min_p; });
    if (settings.top_k > 0) order.resize(std::min(order.size(), static_cast<size_t>(settings.top_k)));
    double total = 0;
    for (const auto token : order) total += weight(token);
    std::set<int32_t> allowed;
    double sum = 0;
    // A token exactly at the limit may fall on either side because of rounding.
    for (const auto token : order) {
      if (sum > settings.top_p * total * (1 + 1e-5) && settings.top_p < 1) break;
      allowed.insert(token);
      sum += weight(token);
    }
    for (int i = 0; i < 20; ++i) {
      settings.seed += 1000;
      CHECK(allowed.contains(first_token(settings, logits)));
    }
  }
}

TEST("penalties and biases move the logits of the right tokens") {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.logit_bias = {{5, 100}};
  CHECK_EQUAL(first_token(settings), 5);

  SamplerSettings repetition;
  repetition.temperature = 0;
  repetition.repetition_penalty = 4;
  auto avoids_prompt = sampler(repetition, {1});
  CHECK_EQUAL(avoids_prompt.draw(kLogits.data(), kVocabulary, -1).token, 4);
  CHECK_EQUAL(avoids_prompt.draw(kLogits.data(), kVocabulary, -1).token, 2);

  SamplerSettings presence;
  presence.temperature = 0;
  presence.presence_penalty = 1.5f;
  auto counts_output_alone = sampler(presence, {1});
  CHECK_EQUAL(counts_output_alone.draw(kLogits.data(), kVocabulary, -1).token, 1);
  CHECK_EQUAL(counts_output_alone.draw(kLogits.data(), kVocabulary, -1).token, 4);
  CHECK_EQUAL(counts_output_alone.draw(kLogits.data(), kVocabulary, -1).token, 2);

  SamplerSettings frequency;
  frequency.temperature = 0;
  frequency.frequency_penalty = 0.4f;
  auto counts_times = sampler(frequency, {1, 1, 1}, 3);
  CHECK_EQUAL(counts_times.draw(kLogits.data(), kVocabulary, -1).token, 4);
}

TEST("logprobs are of the raw logits, with the likeliest tokens in order") {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.logit_bias = {{5, 100}};
  const auto choice = sampler(settings).draw(kLogits.data(), kVocabulary, 3);
  const auto expected = softmax(kLogits, 1);
  CHECK(std::abs(choice.logprob - std::log(expected[5])) < 1e-5);
  CHECK_EQUAL(choice.top.size(), 3u);
  CHECK_EQUAL(choice.top[0].token, 1);
  CHECK_EQUAL(choice.top[1].token, 4);
  CHECK_EQUAL(choice.top[2].token, 2);
  CHECK(std::abs(choice.top[2].logprob - std::log(expected[2])) < 1e-5);
}

TEST("only allowed tokens are drawn, also where a stop token among them must not be yet") {
  SamplerSettings settings;
  settings.allowed_tokens = {2, 5, 1'000'000};
  CHECK(tokens_drawn(settings) == (std::set<int32_t>{2, 5}));
  settings.temperature = 0;
  CHECK_EQUAL(first_token(settings), 2);
  settings.min_tokens = 1;
  settings.stop_tokens = {2};
  CHECK_EQUAL(first_token(settings), 5);
  settings.allowed_tokens = {2};
  CHECK_EQUAL(first_token(settings), 2);
}

TEST("a stop token waits for the least number of tokens, those of an earlier run included") {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.min_tokens = 3;
  settings.stop_tokens = {1, 4};
  auto own = sampler(settings);
  for (const int32_t token : {2, 2, 2, 1}) CHECK_EQUAL(own.draw(kLogits.data(), kVocabulary, -1).token, token);
  auto resumed = sampler(settings, {0, 2, 2}, 2);
  for (const int32_t token : {2, 1}) CHECK_EQUAL(resumed.draw(kLogits.data(), kVocabulary, -1).token, token);
}

TEST("a banned sequence never becomes whole, and its parts stay free") {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.banned_sequences = {{4}, {1, 1}, {9, 1'000'000}};
  auto own = sampler(settings);
  for (const int32_t token : {1, 2, 1, 2}) CHECK_EQUAL(own.draw(kLogits.data(), kVocabulary, -1).token, token);
  auto resumed = sampler(settings, {0, 1}, 1);
  CHECK_EQUAL(resumed.draw(kLogits.data(), kVocabulary, -1).token, 2);
  auto fresh = sampler(settings, {0, 1}, 0);
  CHECK_EQUAL(fresh.draw(kLogits.data(), kVocabulary, -1).token, 1);
}

TEST("a grammar decides what is drawn, in a copy and after a resumption too, until a token does not follow it") {
  for (const float temperature : {0.0f, 1.5f}) {
    SamplerSettings settings;
    settings.temperature = temperature;
    settings.grammar = std::make_shared<InTurnGrammar>();
    const auto draw = [](Sampler& from) { return from.draw(kLogits.data(), kVocabulary, -1); };
    auto own = sampler(settings);
    for (const int32_t token : {0, 1, 2}) CHECK_EQUAL(draw(own).token, token);
    auto copy = own;
    for (const int32_t token : {3, 4, 5}) CHECK_EQUAL(draw(copy).token, token);
    CHECK_EQUAL(draw(own).token, 3);
    auto resumed = sampler(settings, {9, 0, 1}, 2);
    CHECK_EQUAL(draw(resumed).token, 2);
    auto strayed = sampler(settings, {9, 4}, 1);
    CHECK(!draw(strayed).is_dead_end);
  }
}

TEST("a grammar without a next token is a dead end") {
  struct Nothing : InTurn {
    std::span<const uint32_t> allowed() override { return std::span(&none_, 1); }
    uint32_t none_ = 0;
  };
  struct NothingGrammar : TokenGrammar {
    std::unique_ptr<TokenGuide> begin() const override { return std::make_unique<Nothing>(); }
  };
  SamplerSettings settings;
  settings.grammar = std::make_shared<NothingGrammar>();
  CHECK(sampler(settings).draw(kLogits.data(), kVocabulary, -1).is_dead_end);
}

TEST("a mask refuses exactly the tokens whose bits are 0, whatever their share") {
  struct Fixed : TokenGuide {
    explicit Fixed(std::vector<uint32_t> bits) : mask(std::move(bits)) {}
    std::unique_ptr<TokenGuide> copy() const override { return std::make_unique<Fixed>(*this); }
    std::span<const uint32_t> allowed() override { return mask; }
    bool accept(int32_t) override { return true; }
    std::vector<int32_t> forced(size_t) override { return {}; }
    std::vector<uint32_t> mask;
  };
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const int32_t vocabulary = 1 + static_cast<int32_t>(random() % 100);
    const uint32_t share = random() % 5;
    std::vector<uint32_t> mask(static_cast<size_t>(vocabulary + 31) / 32);
    for (auto& word : mask) {
      word = random();
      for (uint32_t i = 0; i < share; ++i) word = round % 2 == 0 ? word & random() : word | random();
    }
    std::vector<float> logits(static_cast<size_t>(vocabulary)), expected;
    for (auto& logit : logits) logit = static_cast<float>(random() % 1000);
    expected = logits;
    for (int32_t token = 0; token < vocabulary; ++token) {
      if ((mask[static_cast<size_t>(token) / 32] >> (token % 32) & 1) == 0) expected[static_cast<size_t>(token)] = -1;
    }
    SequenceGuide(std::make_unique<Fixed>(mask)).restrict(logits.data(), vocabulary, -1);
    for (int32_t token = 0; token < vocabulary; ++token)
      CHECK_EQUAL(logits[static_cast<size_t>(token)], expected[static_cast<size_t>(token)]);
  }
}

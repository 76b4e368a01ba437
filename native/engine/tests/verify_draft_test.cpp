#include "../sample/verify_draft.h"

#include <random>

#include "../sample/shard_seed.h"
#include "test.h"

using namespace exo;

namespace {

constexpr int32_t kVocabulary = 12;

/// The logits after a sequence. Any deterministic function serves.
std::vector<float> logits_after(const std::vector<int32_t>& sequence) {
  uint64_t state = 7;
  for (const auto token : sequence) state = derive_shard_seed(state, static_cast<uint64_t>(token), 1);
  std::vector<float> logits;
  for (int32_t token = 0; token < kVocabulary; ++token) {
    logits.push_back(static_cast<float>(4 * unit_interval(derive_shard_seed(state, 0, static_cast<uint64_t>(token)))));
  }
  return logits;
}

Choice draw(Sampler& sampler, const std::vector<int32_t>& sequence) { return sampler.draw(logits_after(sequence).data(), kVocabulary, 2); }

const std::vector<int32_t> prompt{3, 1, 4};

Sampler sampler_of(SamplerSettings settings) { return Sampler(std::move(settings), prompt, 0, host_kernels()); }

std::vector<Choice> decode(const SamplerSettings& settings, size_t count) {
  auto sampler = sampler_of(settings);
  auto sequence = prompt;
  std::vector<Choice> choices;
  while (choices.size() < count) {
    choices.push_back(draw(sampler, sequence));
    sequence.push_back(choices.back().token);
  }
  return choices;
}

/// Decodes with the proposals of `propose(sequence, sampler)`, as the engine does.
template <typename Propose>
std::vector<Choice> decode_with(const SamplerSettings& settings, size_t count, Propose propose) {
  auto sampler = sampler_of(settings);
  auto sequence = prompt;
  std::vector<Choice> choices;
  while (choices.size() < count) {
    const std::vector<int32_t> proposed = propose(sequence, sampler);
    const auto known = sequence;
    const auto verified = verify_draft(proposed, [&](size_t row) {
      auto fed = known;
      fed.insert(fed.end(), proposed.begin(), proposed.begin() + static_cast<ptrdiff_t>(row));
      return draw(sampler, fed);
    });
    for (const auto& choice : verified) {
      choices.push_back(choice);
      sequence.push_back(choice.token);
    }
  }
  choices.resize(count);
  return choices;
}

void check_same(const std::vector<Choice>& left, const std::vector<Choice>& right) {
  CHECK_EQUAL(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    CHECK_EQUAL(left[i].token, right[i].token);
    CHECK_EQUAL(left[i].logprob, right[i].logprob);
    CHECK_EQUAL(left[i].top.size(), right[i].top.size());
  }
}

SamplerSettings any_settings(std::mt19937& random) {
  SamplerSettings settings;
  const auto one_of = [&](std::initializer_list<float> values) { return values.begin()[random() % values.size()]; };
  settings.temperature = one_of({0, 0.5f, 1, 2});
  settings.top_p = one_of({1, 0.8f});
  settings.top_k = static_cast<int32_t>(one_of({0, 3}));
  settings.min_p = one_of({0, 0.1f});
  settings.repetition_penalty = one_of({1, 1.3f});
  settings.presence_penalty = one_of({0, 0.7f});
  settings.frequency_penalty = one_of({0, 0.4f});
  if (random() % 2 == 0) settings.logit_bias = {{static_cast<int32_t>(random() % kVocabulary), 2}};
  settings.seed = random();
  return settings;
}

}  // namespace

TEST("whatever a draft proposes, the tokens and their logprobs are those without it, at any temperature and with penalties") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const auto settings = any_settings(random);
    const auto plain = decode(settings, 40);
    check_same(plain, decode_with(settings, 40, [&](const auto&, const auto&) {
                 std::vector<int32_t> proposed(random() % 6);
                 for (auto& token : proposed) token = static_cast<int32_t>(random() % kVocabulary);
                 return proposed;
               }));
  }
}

TEST("a draft of the same model that draws with the seeds of the same steps is accepted whole") {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    const auto settings = any_settings(random);
    size_t steps = 0;
    const auto drafted = decode_with(settings, 40, [&](std::vector<int32_t> sequence, Sampler sampler) {
      ++steps;
      std::vector<int32_t> proposed;
      while (proposed.size() < 4) {
        proposed.push_back(draw(sampler, sequence).token);
        sequence.push_back(proposed.back());
      }
      return proposed;
    });
    check_same(decode(settings, 40), drafted);
    CHECK_EQUAL(steps, size_t{8});
  }
}

TEST("a refused proposal ends the draw: the rows after it are of another sequence") {
  int drawn = 0;
  const auto choices = verify_draft(std::vector<int32_t>{5, 6, 7}, [&](size_t row) {
    ++drawn;
    return Choice{row == 0 ? 5 : 9, 0, {}};
  });
  CHECK_EQUAL(drawn, 2);
  CHECK_EQUAL(choices.back().token, 9);
}

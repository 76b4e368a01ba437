#pragma once

#include <cstdint>
#include <deque>

namespace exo {

/// Tokens per second in the steps of the last seconds, relative to the duration of these steps.
class StepRates {
 public:
  void add(double end_ms, double duration_ms, int64_t decoded_tokens, int64_t prefilled_tokens) {
    steps_.push_back({end_ms, duration_ms, decoded_tokens, prefilled_tokens});
    while (!steps_.empty() && steps_.front().end_ms < end_ms - kWindowMs) steps_.pop_front();
  }
  void clear() { steps_.clear(); }

  double decode_tokens_per_second() const { return rate(&Step::decoded_tokens); }
  double prefill_tokens_per_second() const { return rate(&Step::prefilled_tokens); }

 private:
  static constexpr double kWindowMs = 5000;
  struct Step {
    double end_ms, duration_ms;
    int64_t decoded_tokens, prefilled_tokens;
  };

  double rate(int64_t Step::* tokens) const {
    int64_t count = 0;
    double duration_ms = 0;
    for (const auto& step : steps_) {
      if (step.*tokens == 0) continue;
      count += step.*tokens;
      duration_ms += step.duration_ms;
    }
    return duration_ms > 0 ? static_cast<double>(count) * 1000 / duration_ms : 0;
  }

  std::deque<Step> steps_;
};

}  // namespace exo

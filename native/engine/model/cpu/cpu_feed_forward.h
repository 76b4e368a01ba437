#pragma once

#include <optional>
#include <vector>

#include "../choose_experts.h"
#include "cpu_linear.h"
#include "../decoder_spec.h"

namespace exo {

/// A layer's feed-forward on the CPU kernels. A row's result never depends on other rows.
class CpuFeedForward {
 public:
  /// Buffers for all layers, sized for the largest step so far.
  struct Space {
    std::vector<float> gated, activated, logits, gathered, outputs;
    std::vector<ExpertChoice> choices;
    /// The index of each row's choices among the rows sorted by expert.
    std::vector<int64_t> places;
  };

  CpuFeedForward(const FeedForwardSpec& spec, WeightReader& reader, ThreadPool& pool, bool dequantize);

  int64_t resident_bytes() const { return resident_bytes_; }

  /// y = feed-forward of x (+ residual), all [rows, hidden].
  /// @param residual null or y itself
  void run(Space& space, const float* x, int64_t rows, int64_t hidden, float* y, const float* residual) const;

 private:
  struct Gated {
    CpuLinear gate_up, down;
  };
  struct Experts {
    RouterSpec rule;
    CpuLinear router;
    std::vector<float> correction;
    std::vector<Gated> each;
    float limit;
  };

  void run_experts(Space& space, const float* x, int64_t rows, int64_t hidden, float* y, const float* residual) const;
  /// Computes activated [rows, width] from gated [rows, 2 * width].
  void activate(const float* gated, int64_t rows, int64_t width, float limit, float* activated) const;
  /// Multiplies the activations of `always` by their gate.
  void gate_always(Space& space, const float* x, int64_t rows, int64_t width, float* activated) const;

  ThreadPool& pool_;
  Activation activation_;
  float gate_bound_, up_bound_;
  std::optional<Gated> always_;
  std::optional<CpuLinear> always_gate_;
  float always_limit_ = 0;
  std::optional<Experts> experts_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

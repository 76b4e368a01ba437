#pragma once

#include "array_weights.h"
#include "../decoder_spec.h"

namespace exo {

/// A layer's feed-forward in MLX operations.
class ArrayFeedForward {
 public:
  ArrayFeedForward(const FeedForwardSpec& spec, ArrayLoader& loader);

  /// @param x [tokens, hidden], normalized
  mlx::core::array run(const mlx::core::array& x) const;

 private:
  struct Gated {
    ArrayLinear gate_up, down;
  };
  struct Experts {
    RouterSpec rule;
    ArrayMatrix router;
    std::optional<mlx::core::array> correction;
    ArrayStack gate, up, down;
    float limit;
  };
  /// The experts of each token and their weights, both [tokens, chosen].
  struct Choice {
    mlx::core::array experts, weights;
  };

  static Choice choose(const Experts& experts, const mlx::core::array& x);
  mlx::core::array run_experts(const Experts& experts, const mlx::core::array& x) const;

  Activation activation_;
  std::optional<Gated> always_;
  std::optional<ArrayMatrix> always_gate_;
  float always_limit_ = 0;
  std::optional<Experts> experts_;
};

}  // namespace exo

#pragma once

#include "parts/array_norm.h"
#include "parts/array_weights.h"
#include "../decoder.h"
#include "../decoder_spec.h"

namespace exo {

/// An activation and the bounds of `situ`.
struct ActivationRule {
  Activation activation;
  float gate_bound, up_bound;
};

/// A layer's feed-forward in MLX operations.
class ArrayFeedForward {
 public:
  ArrayFeedForward(const FeedForwardSpec& spec, ArrayLoader& loader, const NormLoader& norms);

  /// @param state [tokens, hidden]
  /// @param norm the state is read through it, except by parts that have norms of their own
  /// @param all_sum over ranks; may be empty
  /// @param tokens the tokens' ids [tokens], if experts may be chosen by them
  mlx::core::array run(const mlx::core::array& state, const std::optional<ArrayNorm>& norm, const AllSum& all_sum,
                       const std::optional<mlx::core::array>& tokens = std::nullopt) const;

 private:
  struct Gated {
    ArrayLinear gate_up, down;
  };
  struct Experts {
    RouterSpec rule;
    ArrayMatrix router;
    std::optional<mlx::core::array> correction;
    /// Absent if the activation has no gate.
    std::optional<ArrayStack> gate;
    ArrayStack up, down;
    float limit;
    /// The router reads the unnormalized state through this norm.
    std::optional<ArrayNorm> router_norm;
    std::optional<mlx::core::array> latent_norm;
    float epsilon;
    std::optional<ArrayNorm> input_norm, output_norm;
    std::optional<mlx::core::array> expert_scale;
    /// The experts of each token of the vocabulary [vocabulary, chosen].
    std::optional<mlx::core::array> by_token;
    /// To and from a narrower state on which the experts work.
    std::optional<ArrayMatrix> to_latent, from_latent;
  };
  /// The experts of each token and their weights, both [tokens, chosen].
  struct Choice {
    mlx::core::array experts, weights;
  };

  using Tokens = std::optional<mlx::core::array>;

  static Choice choose(const Experts& experts, const mlx::core::array& x, const Tokens& tokens);
  static Choice sparse_mixed(const mlx::core::array& logits, const RouterSpec& rule);
  bool is_gated() const { return activation_.activation != Activation::ReluSquared; }
  bool has_output_norms() const { return always_output_norm_ && experts_ && experts_->output_norm; }
  /// This rank's part of the result. @param x the normalized state
  mlx::core::array run_parts(const mlx::core::array& x, const mlx::core::array& state, const Tokens& tokens) const;
  mlx::core::array run_always(const mlx::core::array& x) const;
  /// The whole result where the sum of the experts has a norm before it is widened. @param x the normalized state
  mlx::core::array run_normed_latent(const mlx::core::array& x, const AllSum& all_sum) const;
  /// @param routed what the router reads
  mlx::core::array run_experts(const Experts& experts, const mlx::core::array& x, const mlx::core::array& routed,
                               const Tokens& tokens = std::nullopt) const;

  ActivationRule activation_;
  std::optional<Gated> always_;
  std::optional<ArrayMatrix> always_gate_;
  std::optional<ArrayNorm> always_output_norm_;
  float always_limit_ = 0;
  std::optional<Experts> experts_;
};

}  // namespace exo

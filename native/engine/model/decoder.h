#pragma once

#include <mlx/mlx.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "../cache/sequence_caches.h"
#include "../schedule/step_plan.h"
#include "decoder_spec.h"

namespace exo {

/// Sums an array over the ranks of a tensor-parallel group; empty in other groups.
using AllSum = std::function<mlx::core::array(const mlx::core::array&)>;

/// A step's plan with what the decoder has laid ready for it: caches grown, positions known.
class PreparedStep {
 public:
  explicit PreparedStep(StepPlan plan_) : plan(std::move(plan_)) {}
  virtual ~PreparedStep() = default;

  int64_t token_count() const { return static_cast<int64_t>(plan.tokens.size()); }

  const StepPlan plan;
  /// Arrays that tell of layers done when they are evaluated, and are read by nobody; for a decoder whose layers are no tasks of its own.
  std::vector<mlx::core::array> marks;
};

/// One rank's part of a model and its caches. Every call is made by the engine's thread; arrays are lazy.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Follows the plan's orders on caches and grows those of its segments.
  virtual std::shared_ptr<PreparedStep> prepare(StepPlan plan) = 0;

  /// Hidden states [tokens, hidden]. @param previous the tokens that the step before drew, for tokens below 0
  virtual mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) = 0;
  virtual mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) = 0;
  /// Logits [rows, vocabulary] in float32 of these rows of the hidden states.
  virtual mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) = 0;
  /// These rows of the hidden states after the final norm: [rows, hidden] in float32.
  virtual mlx::core::array final_states(const mlx::core::array& hidden, std::vector<int32_t> rows) = 0;

  /// Logits are on the device, where tokens are drawn as well.
  virtual bool draws_on_device() const = 0;
  /// Of the hidden states that stages pass on.
  virtual mlx::core::Dtype hidden_type() const = 0;
  /// Gives memory back that no running sequence needs.
  virtual void trim() = 0;
  virtual int64_t resident_bytes() const = 0;
  virtual SequenceCaches& caches() = 0;
  /// Bytes of weights and caches that MLX's allocator does not know of.
  virtual int64_t unmanaged_bytes() const = 0;
};

}  // namespace exo

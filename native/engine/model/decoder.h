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

/// Sums an array over the ranks of a tensor-parallel group. Empty in other groups.
using AllSum = std::function<mlx::core::array(const mlx::core::array&)>;

/// A step's plan and what the decoder has prepared for it, such as room in the caches and the tokens' positions.
class PreparedStep {
 public:
  explicit PreparedStep(StepPlan plan_) : plan(std::move(plan_)) {}
  virtual ~PreparedStep() = default;

  int64_t token_count() const { return static_cast<int64_t>(plan.tokens.size()); }

  const StepPlan plan;
  /// Arrays without a reader, which report progress when they are evaluated. They serve a decoder whose layers are not
  /// host tasks.
  std::vector<mlx::core::array> marks;
};

/// One rank's part of a model and its caches. Used only by the engine's thread; arrays are lazy.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Executes the plan's changes to the caches and makes room for its segments.
  virtual std::shared_ptr<PreparedStep> prepare(StepPlan plan) = 0;

  /// Hidden states [tokens, hidden]. @param previous the tokens that the previous step drew, for negative tokens
  virtual mlx::core::array embed(const std::shared_ptr<PreparedStep>& step, const std::optional<mlx::core::array>& previous) = 0;
  virtual mlx::core::array run_layers(const std::shared_ptr<PreparedStep>& step, const mlx::core::array& hidden) = 0;
  /// Logits [rows, vocabulary] in float32 for these rows of the hidden states.
  virtual mlx::core::array logits(const mlx::core::array& hidden, std::vector<int32_t> rows) = 0;
  /// The final norm of these rows of the hidden states: [rows, hidden] in float32.
  virtual mlx::core::array final_states(const mlx::core::array& hidden, std::vector<int32_t> rows) = 0;

  /// Whether tokens can be drawn on the device, where the logits are.
  virtual bool draws_on_device() const = 0;
  /// The type of the hidden states that stages send.
  virtual mlx::core::Dtype hidden_type() const = 0;
  /// Numbers per token that a later stage receives: the hidden state, and what its layers need besides.
  virtual int received_width() const = 0;
  /// Frees memory that no running sequence needs.
  virtual void trim() = 0;
  virtual int64_t resident_bytes() const = 0;
  virtual SequenceCaches& caches() = 0;
  /// Bytes of weights and caches outside MLX's allocator.
  virtual int64_t unmanaged_bytes() const = 0;
};

}  // namespace exo

#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "step_plan.h"

namespace exo {

/// The limits of a rank.
struct PlanLimits {
  int32_t slots;
  int32_t context_tokens;
  int32_t vocab_size;

  /// An upper limit for the size of any valid plan, in numbers.
  int64_t most_numbers() const { return 1024 + 2 * int64_t{slots} * (int64_t{context_tokens} + 8); }
};

/// Checks plans from another rank, in order, before their values are used as indices. It remembers from earlier plans
/// what the caches hold. Pure.
class PlanCheck {
 public:
  explicit PlanCheck(PlanLimits limits) : limits_(limits) {}

  /// @param may_run_ahead whether tokens may be those that the step before draws
  /// @throws std::invalid_argument if a rank must not execute the plan; `accept` must not be called again afterwards
  void accept(const StepPlan& plan, bool may_run_ahead = false);

 private:
  void require_slot(int32_t slot) const;
  int64_t& filled(int32_t slot);

  PlanLimits limits_;
  /// There was a step before.
  bool has_followed_ = false;
  /// How many tokens each slot's cache holds.
  std::unordered_map<int32_t, int64_t> filled_;
  std::unordered_set<int32_t> blocks_, states_;
};

}  // namespace exo

#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "step_plan.h"

namespace exo {

/// What a rank has room for.
struct PlanLimits {
  int32_t slots;
  int32_t context_tokens;
  int32_t vocab_size;

  /// More numbers than any plan within these limits has.
  int64_t most_numbers() const { return 1024 + 2 * int64_t{slots} * (int64_t{context_tokens} + 8); }
};

/// Checks plans that came from another rank, in order, before anything reads or writes by their numbers: it knows what the
/// caches hold by the plans before. Pure.
class PlanCheck {
 public:
  explicit PlanCheck(PlanLimits limits) : limits_(limits) {}

  /// @throws std::invalid_argument when a rank must not follow the plan; nothing may be checked after that
  void accept(const StepPlan& plan);

 private:
  void require_slot(int32_t slot) const;
  int64_t& filled(int32_t slot);

  PlanLimits limits_;
  /// Tokens that each slot's cache has room for.
  std::unordered_map<int32_t, int64_t> filled_;
  std::unordered_set<int32_t> blocks_;
};

}  // namespace exo

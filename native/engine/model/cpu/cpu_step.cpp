#include "cpu_step.h"

#include <cmath>

namespace exo {

CpuStep::CpuStep(StepPlan plan_, PagedCaches& caches, std::span<const RopeSpec> ropes) : PreparedStep(std::move(plan_)) {
  for (size_t index = 0; index < plan.segments.size(); ++index) {
    const auto& segment = plan.segments[index];
    pages.push_back(caches.grow(segment.slot, segment.position, segment.tokens));
    states.push_back(caches.advance_state(segment));
    for (int32_t i = 0; i < segment.tokens; ++i) {
      positions.push_back(segment.position + i);
      segments.push_back(static_cast<int32_t>(index));
    }
  }
  for (const auto& rope : ropes) {
    Rotation rotation;
    for (const auto position : positions) {
      for (const auto frequency : rope.inverse_frequencies) {
        const float angle = static_cast<float>(position) * rope.position_scale * frequency;
        rotation.cosines.push_back(std::cos(angle) * rope.magnitude);
        rotation.sines.push_back(std::sin(angle) * rope.magnitude);
      }
    }
    rotations.push_back(std::move(rotation));
  }
}

}  // namespace exo

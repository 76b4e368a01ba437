#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "cache_rows.h"

namespace exo {

/// The remembered states of one sequence, oldest first, in each layer of a sight. `StatePositions` has their positions.
class StateTrail {
 public:
  explicit StateTrail(size_t layers) : layers_(layers) {}

  void add(size_t layer, LayerState state) { layers_[layer].push_back(std::move(state)); }
  /// Absent if the layer keeps no state.
  std::optional<LayerState> at(size_t layer, size_t index) const {
    return index < layers_[layer].size() ? std::optional(layers_[layer][index]) : std::nullopt;
  }
  /// Forgets the oldest states.
  void forget(size_t count) {
    for (auto& states : layers_) states.erase(states.begin(), states.begin() + static_cast<ptrdiff_t>(std::min(count, states.size())));
  }
  /// Forgets all but the oldest `count` states.
  void cut(size_t count) {
    for (auto& states : layers_) states.erase(states.begin() + static_cast<ptrdiff_t>(std::min(count, states.size())), states.end());
  }

 private:
  std::vector<std::deque<LayerState>> layers_;
};

}  // namespace exo

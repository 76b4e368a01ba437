#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace exo {

/// Tokens kept beyond a window: a draft may be rolled back, and a full block may be kept for reuse a few steps later.
inline constexpr int32_t kRememberedBehind = 32;
inline constexpr int32_t kLeastRemembered = 128;

/// The number of tokens before the next one that a sequence's caches must still hold. @param window 0: unlimited
constexpr int32_t remembered_tokens(int32_t window) { return window == 0 ? 0 : std::max(window - 1 + kRememberedBehind, kLeastRemembered); }

/// Groups layers by their window, called a sight: layers with the same window share caches and drop the same tokens.
class LayerSights {
 public:
  struct Place {
    /// Index of the sight.
    size_t sight;
    /// Index of the layer within its sight.
    size_t index;
  };

  /// @param windows one per layer, in tokens; 0: unlimited
  explicit LayerSights(const std::vector<int32_t>& windows) {
    for (const auto window : windows) {
      const auto found = std::find(windows_.begin(), windows_.end(), window);
      const auto sight = static_cast<size_t>(found - windows_.begin());
      if (found == windows_.end()) {
        windows_.push_back(window);
        counts_.push_back(0);
      }
      places_.push_back({sight, counts_[sight]++});
    }
  }

  /// One window per sight.
  const std::vector<int32_t>& windows() const { return windows_; }
  bool forgets() const {
    return std::any_of(windows_.begin(), windows_.end(), [](int32_t window) { return window > 0; });
  }
  size_t layers_of(size_t sight) const { return counts_[sight]; }
  Place place(size_t layer) const { return places_[layer]; }

 private:
  std::vector<int32_t> windows_;
  std::vector<size_t> counts_;
  std::vector<Place> places_;
};

}  // namespace exo

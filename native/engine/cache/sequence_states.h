#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace exo {

/// Number of floats of state that each layer of a rank keeps per sequence; 0: none.
using StateShape = std::vector<int64_t>;

inline int64_t state_floats(const StateShape& shape) { return std::accumulate(shape.begin(), shape.end(), int64_t{0}); }

/// The layers' states for one sequence after its last token.
class SequenceState {
 public:
  explicit SequenceState(const StateShape& shape) : numbers_(static_cast<size_t>(state_floats(shape))) {
    int64_t first = 0;
    for (const auto floats : shape) firsts_.push_back(first), first += floats;
  }

  const float* of_layer(int64_t layer) const { return numbers_.data() + firsts_[static_cast<size_t>(layer)]; }
  float* of_layer(int64_t layer) { return numbers_.data() + firsts_[static_cast<size_t>(layer)]; }

 private:
  std::vector<int64_t> firsts_;
  std::vector<float> numbers_;
};

/// The states that a segment reads and writes. A state that others share is not written: its successor is another one.
struct StatePath {
  std::shared_ptr<SequenceState> before;
  /// The state after all tokens or, if it is remembered, after each token. The first one may be `before` itself.
  std::vector<std::shared_ptr<SequenceState>> after;
};

}  // namespace exo

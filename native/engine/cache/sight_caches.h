#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "cache_rows.h"
#include "state_positions.h"
#include "state_trail.h"

namespace exo {

/// The place of a sequence's keys and values.
struct CachePlace {
  CacheRows* rows;
  int32_t row;
  /// Position of the row's first token. Earlier tokens are dropped.
  int32_t first;
  /// The states of earlier tokens, to which the step's layers add those before their tokens; null: they are not remembered.
  StateTrail* trail;
};

/// The caches of the layers of one sight. A sequence starts with room for its expected length and moves to a row
/// of twice the room when that is full. With a window, tokens outside it are dropped to make room.
class SightCaches {
 public:
  /// One block per layer.
  using Block = std::vector<LayerArrays>;

  /// One state per layer; absent if the layer keeps none.
  using States = std::vector<std::optional<LayerState>>;

  /// @param window in tokens; 0: unlimited
  SightCaches(size_t layers, int32_t window, GraphEvaluator& evaluator) : layers_(layers), window_(window), evaluator_(evaluator) {}

  /// Makes room for `tokens` of a sequence, starting at `position`. @param wanted its expected length in tokens; 0: unknown
  void grow(int32_t slot, int32_t position, int32_t tokens, int32_t wanted);
  /// The place of a sequence that has room; valid until the next plan is executed.
  CachePlace place(int32_t slot);
  /// Brings the states of a sequence that has room to the position of its next tokens.
  void advance_state(const PlanSegment& segment);
  bool has_state_at(int32_t slot, int32_t position) const;
  void release(int32_t slot);
  void clear();
  int64_t bytes() const;

  /// Copies a block of a sequence. @param copies receives the arrays that must be evaluated
  Block copy(int32_t slot, int32_t index, std::vector<mlx::core::array>& copies);
  /// Writes blocks into a sequence. @param index the place of the first one
  void paste(int32_t slot, int32_t index, const std::vector<const Block*>& blocks, int32_t wanted);

  /// Copies the states of a sequence after its first `position` tokens. @param copies receives the arrays that must be evaluated
  States copy_state(int32_t slot, int32_t position, std::vector<mlx::core::array>& copies);
  void paste_state(int32_t slot, int32_t position, const States& states);

 private:
  struct Place {
    int32_t room, row, first;
  };
  struct Trail {
    StatePositions positions;
    StateTrail states;
    /// Whether the running step adds to it.
    bool is_growing = false;
  };

  /// The state of a layer after an earlier or the newest token; absent if the layer keeps none.
  std::optional<LayerState> state_at(int32_t slot, size_t layer, int32_t position);

  void begin(int32_t slot, int32_t tokens, int32_t wanted);
  /// Moves a sequence to another row, or within its own, so that it starts at `first`. @param end the end of its tokens
  void move(int32_t slot, int32_t room, int32_t first, int32_t end);
  CacheRows& rows_of(int32_t room);
  /// Frees or compacts rows after a sequence has left one.
  void tidy(int32_t room);

  size_t layers_;
  int32_t window_;
  GraphEvaluator& evaluator_;
  /// Rows by their room, in tokens.
  std::map<int32_t, CacheRows> rows_;
  std::unordered_map<int32_t, Place> places_;
  std::unordered_map<int32_t, Trail> trails_;
};

}  // namespace exo

#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "cache_rows.h"

namespace exo {

/// Where a sequence's keys and values lie.
struct CachePlace {
  CacheRows* rows;
  int32_t row;
  /// Position of the row's first token: those before it are forgotten.
  int32_t first;
};

/// Caches of the layers that see equally far. A sequence has room for what it will most likely need from the start, and moves
/// to a row of twice the room when that is full; where the layers see only so far, what they do not see any more makes way.
class SightCaches {
 public:
  /// A block of each layer.
  using Block = std::vector<LayerArrays>;

  /// @param window in tokens; 0: the layers see all
  SightCaches(size_t layers, int32_t window, GraphEvaluator& evaluator) : layers_(layers), window_(window), evaluator_(evaluator) {}

  /// Makes room for a sequence's `tokens` from `position` on. @param wanted tokens that it will most likely have; 0: nobody knows
  void grow(int32_t slot, int32_t position, int32_t tokens, int32_t wanted);
  /// Of a sequence that has room; valid until the next plan is followed.
  CachePlace place(int32_t slot);
  void release(int32_t slot);
  void clear();
  int64_t bytes() const;

  /// A copy of a block of a sequence. @param copies is given what has to be evaluated
  Block copy(int32_t slot, int32_t index, std::vector<mlx::core::array>& copies);
  /// Lets a sequence go on with blocks, the first of which has this place in it.
  void paste(int32_t slot, int32_t index, const std::vector<const Block*>& blocks, int32_t wanted);

 private:
  struct Place {
    int32_t room, row, first;
  };

  void begin(int32_t slot, int32_t tokens, int32_t wanted);
  /// Gives a sequence another row, or moves it within its own, so that it begins at `first`. @param end of what it has
  void move(int32_t slot, int32_t room, int32_t first, int32_t end);
  CacheRows& rows_of(int32_t room);
  /// After a sequence left its row.
  void tidy(int32_t room);

  size_t layers_;
  int32_t window_;
  GraphEvaluator& evaluator_;
  /// By room.
  std::map<int32_t, CacheRows> rows_;
  std::unordered_map<int32_t, Place> places_;
};

}  // namespace exo

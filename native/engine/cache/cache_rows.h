#pragma once

#include <mlx/mlx.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "../graph_evaluator.h"
#include "kept_tokens.h"

namespace exo {

/// Keys and values of one layer, with `room` tokens in each row.
struct LayerArrays {
  KeptTokens keys, values;
};

/// The state that a layer keeps instead of tokens, one row per sequence: the last inputs of a convolution [rows, tokens, channels] and
/// a state in float32 [rows, ...].
struct LayerState {
  mlx::core::array tail, state;
};

/// Sequences with room for the same number of tokens, one row each, so that one operation serves all of them.
class CacheRows {
 public:
  CacheRows(int32_t room, size_t layers, GraphEvaluator& evaluator)
      : room_(room), layers_(layers), states_(layers), evaluator_(&evaluator) {}

  /// The number of tokens for which each row has room.
  int32_t room() const { return room_; }
  const LayerArrays& layer(size_t index) const { return layers_[index]; }
  /// The slot of each row's sequence; below 0: the row is free.
  const std::vector<int32_t>& slots() const { return slots_; }
  int64_t bytes() const;

  /// Returns the first free row, or a new one, and assigns it to the slot.
  int32_t take(int32_t slot);
  void free(int32_t row);
  bool is_empty() const;
  /// Whether more than half of the rows are free and waste memory.
  bool is_sparse() const;
  /// Removes free rows and keeps the order of the others.
  void close_gaps();

  /// Writes consecutive tokens of one row from `position` on and overwrites what is there. @param more 1 row
  void append(size_t layer, int32_t row, int32_t position, const LayerArrays& more);
  /// Writes one token of each of several rows. @param more [count] rows of one token @param rows, positions [count]
  void append_each(size_t layer, const mlx::core::array& rows, const mlx::core::array& positions, const LayerArrays& more);

  /// Whether the layer has stored a state for any row.
  bool has_state(size_t layer) const { return states_[layer].has_value(); }
  /// The layer's states of these rows, in ascending order. @param fresh the state of one row, used if none was written yet
  LayerState states(size_t layer, const std::vector<int32_t>& rows, const std::optional<LayerState>& fresh = std::nullopt);
  void keep_states(size_t layer, const std::vector<int32_t>& rows, const LayerState& states);

  /// The tokens [begin, end) of one row.
  static KeptTokens tokens_of(const KeptTokens& held, int32_t row, int32_t begin, int32_t end);

 private:
  template <typename Put>
  void put(size_t layer, const LayerArrays& more, Put into);
  void make_room(KeptTokens& held, const KeptTokens& like);

  int32_t room_;
  std::vector<int32_t> slots_;
  std::vector<LayerArrays> layers_;
  std::vector<std::optional<LayerState>> states_;
  GraphEvaluator* evaluator_;
};

}  // namespace exo

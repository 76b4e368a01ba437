#pragma once

#include <mlx/mlx.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "../graph_evaluator.h"

namespace exo {

/// Keys and values of one layer: [rows, heads, room, dim]; absent before the first token.
struct LayerArrays {
  std::optional<mlx::core::array> keys, values;
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

  /// Writes consecutive tokens of one row from `position` on and overwrites what is there. @param keys [1, heads,
  /// tokens, dim]
  void append(size_t layer, int32_t row, int32_t position, const mlx::core::array& keys, const mlx::core::array& values);
  /// Writes one token of each of several rows. @param keys [count, heads, 1, dim] @param rows, positions [count]
  void append_each(size_t layer, const mlx::core::array& rows, const mlx::core::array& positions, const mlx::core::array& keys,
                   const mlx::core::array& values);

  /// Whether the layer has stored a state for any row.
  bool has_state(size_t layer) const { return states_[layer].has_value(); }
  /// The layer's states of these rows, in ascending order. @param fresh the state of one row, used if none was written yet
  LayerState states(size_t layer, const std::vector<int32_t>& rows, const std::optional<LayerState>& fresh = std::nullopt);
  void keep_states(size_t layer, const std::vector<int32_t>& rows, const LayerState& states);

  /// The tokens [begin, end) of one row: [1, heads, end - begin, dim].
  static mlx::core::array tokens_of(const mlx::core::array& held, int32_t row, int32_t begin, int32_t end);

 private:
  void make_room(std::optional<mlx::core::array>& held, const mlx::core::array& like);

  int32_t room_;
  std::vector<int32_t> slots_;
  std::vector<LayerArrays> layers_;
  std::vector<std::optional<LayerState>> states_;
  GraphEvaluator* evaluator_;
};

}  // namespace exo

#pragma once

#include <mlx/mlx.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "../decoder_spec.h"

namespace exo {

/// The columns of what stages pass on for each token: the hidden state; each layer's own input, of the receiving stage's layers and of
/// later ones; keys and values that later layers share, by their layer; the states before earlier blocks of layers.
struct StageRowShape {
  struct Sent {
    /// The layer of this stage, and the width of its attention's results.
    size_t layer;
    int attended_width;
  };

  int hidden_size, input_width, layers, later_layers;
  std::vector<ReceivedKeys> received;
  std::vector<Sent> sent;
  int received_blocks;
  bool begins_blocks;

  int keys_begin() const { return hidden_size + (layers + later_layers) * input_width; }
  int received_width() const;
  bool is_plain() const { return input_width == 0 && received.empty() && sent.empty() && received_blocks == 0 && !begins_blocks; }
};

StageRowShape stage_row_of(const DecoderSpec& spec);

/// A step's rows while the layers of a stage run.
class StageRow {
 public:
  /// @param rows [tokens, columns]
  StageRow(const StageRowShape& shape, const mlx::core::array& rows) : shape_(shape), rows_(rows) {}

  /// [tokens, hidden]
  mlx::core::array state() const;
  /// [tokens, layer input]
  mlx::core::array layer_input(size_t layer) const;
  /// The projections of a layer, followed by the keys and values that it received, if any.
  mlx::core::array with_keys(const mlx::core::array& projected, size_t layer) const;
  /// The attention's results without the keys and values that follow them, which are sent on.
  mlx::core::array send_keys(const mlx::core::array& attended, size_t layer);
  /// The received states before blocks of layers, each [tokens, hidden].
  std::vector<mlx::core::array> blocks() const;
  /// The rows for the next stage; on the last stage the state. @param blocks all states before blocks so far
  mlx::core::array sent(const mlx::core::array& state, const std::vector<mlx::core::array>& blocks) const;

 private:
  const StageRowShape& shape_;
  mlx::core::array rows_;
  std::vector<mlx::core::array> own_keys_;
};

}  // namespace exo

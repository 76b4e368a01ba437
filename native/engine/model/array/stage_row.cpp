#include "stage_row.h"

#include <algorithm>
#include <numeric>

#include "parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

int StageRowShape::received_width() const {
  const int columns = keys_begin() + received_blocks * hidden_size;
  return std::accumulate(received.begin(), received.end(), columns, [](int sum, const auto& keys) { return sum + keys.width; });
}

StageRowShape stage_row_of(const DecoderSpec& spec) {
  std::vector<StageRowShape::Sent> sent;
  for (size_t layer = 0; layer < spec.layers.size(); ++layer) {
    const auto& attention = spec.layers[layer].attention;
    if (attention.are_keys_sent) sent.push_back({layer, attention.heads * attention.value_dim});
  }
  const bool begins_blocks = std::any_of(spec.layers.begin(), spec.layers.end(), [](const LayerSpec& layer) { return layer.begins_block; });
  return {spec.hidden_size,     spec.layer_input_width, static_cast<int>(spec.layers.size()),
          spec.later_layers,    spec.received_keys,     std::move(sent),
          spec.received_blocks, begins_blocks};
}

mx::array StageRow::state() const { return shape_.is_plain() ? rows_ : columns_of(rows_, 0, shape_.hidden_size); }

mx::array StageRow::layer_input(size_t layer) const {
  const int begin = shape_.hidden_size + static_cast<int>(layer) * shape_.input_width;
  return columns_of(rows_, begin, begin + shape_.input_width);
}

mx::array StageRow::with_keys(const mx::array& projected, size_t layer) const {
  int begin = shape_.keys_begin();
  for (const auto& keys : shape_.received) {
    if (keys.layer == static_cast<int>(layer)) return mx::concatenate({projected, columns_of(rows_, begin, begin + keys.width)}, -1);
    begin += keys.width;
  }
  return projected;
}

mx::array StageRow::send_keys(const mx::array& attended, size_t layer) {
  for (const auto& sent : shape_.sent) {
    if (sent.layer != layer) continue;
    own_keys_.push_back(columns_of(attended, sent.attended_width, attended.shape(1)));
    return columns_of(attended, 0, sent.attended_width);
  }
  return attended;
}

std::vector<mx::array> StageRow::blocks() const {
  std::vector<mx::array> blocks;
  for (int block = shape_.received_blocks; block > 0; --block) {
    const int end = rows_.shape(1) - (block - 1) * shape_.hidden_size;
    blocks.push_back(columns_of(rows_, end - shape_.hidden_size, end));
  }
  return blocks;
}

mx::array StageRow::sent(const mx::array& state, const std::vector<mx::array>& blocks) const {
  if (shape_.is_plain() || shape_.later_layers == 0) return state;
  std::vector<mx::array> parts{state};
  if (shape_.input_width > 0)
    parts.push_back(columns_of(rows_, shape_.hidden_size + shape_.layers * shape_.input_width, shape_.keys_begin()));
  int begin = shape_.keys_begin();
  for (const auto& keys : shape_.received) {
    if (keys.are_sent) parts.push_back(columns_of(rows_, begin, begin + keys.width));
    begin += keys.width;
  }
  parts.insert(parts.end(), own_keys_.begin(), own_keys_.end());
  parts.insert(parts.end(), blocks.begin(), blocks.end());
  return mx::concatenate(std::move(parts), -1);
}

}  // namespace exo

#include "array_caches.h"

namespace mx = mlx::core;

namespace exo {

namespace {

/// Tokens by which a sequence's keys and values grow.
constexpr int kGrowth = 256;

mx::array tokens_of(const mx::array& held, int begin, int end) {
  return mx::slice(held, {0, 0, begin, 0}, {1, held.shape(1), end, held.shape(3)});
}

}  // namespace

void LayerArrays::append(const mx::array& new_keys, const mx::array& new_values, int position) {
  const auto put = [&](std::optional<mx::array>& held, const mx::array& more) {
    auto shape = more.shape();
    const int end = position + shape[2];
    const int capacity = held ? held->shape(2) : 0;
    if (end > capacity) {
      auto room_shape = shape;
      room_shape[2] = (end - capacity + kGrowth - 1) / kGrowth * kGrowth;
      const auto room = mx::zeros(room_shape, more.dtype());
      held = held ? mx::concatenate({*held, room}, 2) : room;
    }
    held = mx::slice_update(*held, more, mx::Shape{0, 0, position, 0}, mx::Shape{1, shape[1], end, shape[3]});
  };
  put(keys, new_keys);
  put(values, new_values);
}

LayerArrays& ArrayCaches::layer(int32_t slot, size_t index) {
  auto& sequence = sequences_[slot];
  sequence.resize(layers_);
  return sequence[index];
}

int64_t ArrayCaches::growth_tokens() const { return kGrowth; }

int64_t ArrayCaches::sequence_bytes() const {
  int64_t bytes = 0;
  for (const auto& [slot, layers] : sequences_) {
    for (const auto& layer : layers) {
      if (layer.keys) bytes += static_cast<int64_t>(layer.keys->nbytes() + layer.values->nbytes());
    }
  }
  return bytes;
}

void ArrayCaches::clear() {
  sequences_.clear();
  blocks_.clear();
}

void ArrayCaches::keep(const PlanKeep& order) {
  const int begin = order.index * kBlockTokens;
  std::vector<LayerArrays> block(layers_);
  std::vector<mx::array> copies;
  for (size_t index = 0; index < layers_; ++index) {
    const auto copy = [&](const mx::array& held) {
      const auto copied = mx::contiguous(tokens_of(held, begin, begin + kBlockTokens));
      copies.push_back(copied);
      return copied;
    };
    const auto& from = layer(order.slot, index);
    block[index] = {copy(*from.keys), copy(*from.values)};
  }
  // At once: a copy that is still to be made holds on to the whole sequence, which then cannot be written in place.
  evaluator_.start(std::move(copies));
  blocks_.insert_or_assign(order.block, std::move(block));
}

void ArrayCaches::release(int32_t slot) { sequences_.erase(slot); }

void ArrayCaches::drop(int32_t block) { blocks_.erase(block); }

void ArrayCaches::share(const PlanShare& order) {
  for (size_t index = 0; index < layers_; ++index) {
    std::vector<mx::array> keys, values;
    for (const auto block : order.blocks) {
      const auto& from = blocks_.at(block)[index];
      keys.push_back(*from.keys);
      values.push_back(*from.values);
    }
    layer(order.slot, index).append(mx::concatenate(std::move(keys), 2), mx::concatenate(std::move(values), 2), order.index * kBlockTokens);
  }
}

}  // namespace exo

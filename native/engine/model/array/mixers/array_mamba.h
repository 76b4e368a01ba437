#pragma once

#include "array_state_layer.h"

namespace exo {

/// A Mamba 2 layer in MLX operations. A sequence keeps the last inputs of the convolution and one matrix per head.
class ArrayMamba : public ArrayStateLayer {
 public:
  ArrayMamba(const MambaSpec& spec, ArrayLoader& loader);

 protected:
  Advanced advance(const mlx::core::array& projected, const LayerState& before) const override;
  LayerState fresh(mlx::core::Dtype type) const override;

 private:
  /// Of some tokens: what each adds to the state [rows, tokens, groups, served, head dim], by which it fades
  /// [rows, tokens, groups, served], both in float32, and the directions in which it is written and read [rows, tokens, groups, state].
  struct Inputs {
    mlx::core::array added, fading, writes, reads;
  };
  struct Scanned {
    /// [rows, tokens, groups, served, head dim] in float32
    mlx::core::array read;
    /// [rows, groups, served, head dim, state]
    mlx::core::array state;
  };

  Scanned scan_one(const Inputs& inputs, const mlx::core::array& state) const;
  Scanned scan_many(const Inputs& inputs, const mlx::core::array& state) const;
  mlx::core::array normalized(const mlx::core::array& results, const mlx::core::array& gates) const;

  MambaSpec spec_;
  /// [channels, kernel, 1]
  mlx::core::array convolution_;
  /// [channels]
  std::optional<mlx::core::array> convolution_bias_;
  /// -exp(A_log) in float32 [groups, served].
  mlx::core::array decay_rates_;
  /// [groups, served, 1]
  mlx::core::array skip_;
  mlx::core::array step_bias_;
  std::optional<mlx::core::array> norm_;
};

}  // namespace exo

#pragma once

#include <mlx/mlx.h>

#include <optional>
#include <vector>

#include "../decoder_spec.h"
#include "parts/array_weights.h"

namespace exo {

/// The vector with which a half of a layer weighs states [hidden], in float32.
mlx::core::array mix_vector(const ResidualMixSpec& spec, ArrayLoader& loader);

/// The states before each block of layers, of which the halves of layers read mixes.
class ResidualBlocks {
 public:
  /// @param blocks those of earlier stages, each [tokens, hidden]
  ResidualBlocks(std::vector<mlx::core::array> blocks, float epsilon);

  void add(const mlx::core::array& state);
  /// @param state what was added since the last block began @param vector of the half; absent: it reads the state
  mlx::core::array mixed(const mlx::core::array& state, const std::optional<mlx::core::array>& vector) const;
  const std::vector<mlx::core::array>& all() const { return blocks_; }

 private:
  float epsilon_;
  std::vector<mlx::core::array> blocks_;
  /// [blocks, tokens, hidden]
  std::optional<mlx::core::array> stacked_;
};

}  // namespace exo

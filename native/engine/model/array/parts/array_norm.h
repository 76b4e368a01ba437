#pragma once

#include <mlx/mlx.h>

#include <optional>

#include "array_weights.h"
#include "../../decoder_spec.h"

namespace exo {

/// A norm over the last dimension.
class ArrayNorm {
 public:
  ArrayNorm(mlx::core::array weight, std::optional<mlx::core::array> bias, bool is_layer_norm, float epsilon)
      : weight_(std::move(weight)), bias_(std::move(bias)), is_layer_norm_(is_layer_norm), epsilon_(epsilon) {}

  mlx::core::array apply(const mlx::core::array& x) const {
    return is_layer_norm_ ? mlx::core::fast::layer_norm(x, weight_, bias_, epsilon_) : mlx::core::fast::rms_norm(x, weight_, epsilon_);
  }

 private:
  mlx::core::array weight_;
  std::optional<mlx::core::array> bias_;
  bool is_layer_norm_;
  float epsilon_;
};

/// x itself if there is no norm.
inline mlx::core::array normalized(const mlx::core::array& x, const std::optional<ArrayNorm>& norm) { return norm ? norm->apply(x) : x; }

/// Loads the norms of a decoder.
class NormLoader {
 public:
  NormLoader(const DecoderSpec& spec, ArrayLoader& loader)
      : loader_(loader), offset_(spec.norm_offset), epsilon_(spec.norm_epsilon), is_layer_norm_(spec.is_layer_norm) {}

  float epsilon() const { return epsilon_; }
  mlx::core::array weight(const TensorSource& source) const {
    const auto weight = loader_.vector(source);
    return offset_ == 0 ? weight : mlx::core::add(weight, mlx::core::array(offset_, weight.dtype()));
  }
  ArrayNorm norm(const NormSource& source) const {
    return {weight(source.weight), source.bias ? std::optional(loader_.vector(*source.bias)) : std::nullopt, is_layer_norm_, epsilon_};
  }
  std::optional<ArrayNorm> norm(const std::optional<NormSource>& source) const {
    return source ? std::optional(norm(*source)) : std::nullopt;
  }

 private:
  ArrayLoader& loader_;
  float offset_, epsilon_;
  bool is_layer_norm_;
};

}  // namespace exo

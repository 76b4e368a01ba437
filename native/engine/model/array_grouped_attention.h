#pragma once

#include "array_attention.h"

namespace exo {

/// Grouped queries: each key-value head serves as many query heads.
class ArrayGroupedAttention : public ArrayAttention {
 public:
  ArrayGroupedAttention(const AttentionSpec& spec, const ArrayRope& rope, float epsilon, ArrayLoader& loader,
                        const std::function<mlx::core::array(const TensorSource&)>& norm);

 protected:
  mlx::core::array attend_each(const mlx::core::array& projected, const DecodeRows& rows, size_t layer) const override;
  mlx::core::array attend(const mlx::core::array& projected, ArrayStep& step, size_t run, size_t layer) const override;

 private:
  mlx::core::array normed(const mlx::core::array& heads, const std::optional<mlx::core::array>& norm) const;

  AttentionSpec spec_;
  const ArrayRope& rope_;
  float epsilon_;
  std::optional<mlx::core::array> query_norm_, key_norm_, sinks_;
};

}  // namespace exo

#pragma once

#include <mlx/mlx.h>

#include <optional>
#include <unordered_map>
#include <vector>

#include "../graph_evaluator.h"
#include "sequence_caches.h"

namespace exo {

/// One layer of one sequence, or of a kept block: [1, heads, tokens, dim] with room behind the last token; absent before
/// the first one.
struct LayerArrays {
  std::optional<mlx::core::array> keys, values;

  /// Writes from `position` on, over whatever was there.
  void append(const mlx::core::array& new_keys, const mlx::core::array& new_values, int position);
};

/// Caches in MLX's arrays, which grow by some blocks at once. A kept block is a copy, and so is what a sequence takes of it.
class ArrayCaches : public SequenceCaches {
 public:
  /// @param token_bytes of one token, over this rank's layers
  ArrayCaches(size_t layers, int64_t token_bytes, GraphEvaluator& evaluator)
      : layers_(layers), token_bytes_(token_bytes), evaluator_(evaluator) {}

  LayerArrays& layer(int32_t slot, size_t index);

  int64_t block_bytes() const override { return token_bytes_ * kBlockTokens; }
  int64_t growth_tokens() const override;
  int64_t kept_bytes() const override { return static_cast<int64_t>(blocks_.size()) * block_bytes(); }
  int64_t sequence_bytes() const override;
  void clear() override;

 private:
  void keep(const PlanKeep& order) override;
  void release(int32_t slot) override;
  void drop(int32_t block) override;
  void share(const PlanShare& order) override;

  size_t layers_;
  int64_t token_bytes_;
  GraphEvaluator& evaluator_;
  std::unordered_map<int32_t, std::vector<LayerArrays>> sequences_;
  std::unordered_map<int32_t, std::vector<LayerArrays>> blocks_;
};

}  // namespace exo

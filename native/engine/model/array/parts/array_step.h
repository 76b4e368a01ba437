#pragma once

#include <mlx/mlx.h>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "../../../cache/array_caches.h"
#include "../../decoder.h"

namespace exo {

/// Sequences of a step that have one token each and whose caches are rows of the same arrays. They are rotated, written
/// and attended together, in the order of the cache rows.
class DecodeRows {
 public:
  struct Token {
    int32_t cache_row, position;
    /// Index of the token in the step.
    int32_t step_row;
    /// Position of the first token that the cache row holds.
    int32_t first;
    /// See `CachePlace`.
    StateTrail* trail;

    /// The token's index within the cache row.
    int32_t place() const { return position - first; }
  };

  /// @param tokens at least one, sorted by cache row
  DecodeRows(CacheRows& cache, std::vector<Token> tokens);

  CacheRows& cache() const { return *cache_; }
  int count() const { return static_cast<int>(tokens_.size()); }
  const std::vector<Token>& tokens() const { return tokens_; }
  /// [count]
  const mlx::core::array& positions() const { return positions_; }

  /// Selects the rows of these tokens from an array with one row per token of the step.
  mlx::core::array pick(const mlx::core::array& of_step) const;
  /// Writes one token of each of `count` rows.
  void append(size_t layer, const LayerArrays& more) const;
  /// The keys or values to attend to, for each cache row from the first to the last of these tokens.
  KeptTokens seen(const KeptTokens& held, int window) const;
  /// Which of them count [rows, 1, 1, tokens]; absent if all do.
  std::optional<mlx::core::array> mask(int window) const;
  /// Convert from one row per token [count, ...] to the rows of `seen` and back.
  mlx::core::array spread(const mlx::core::array& of_tokens) const {
    return has_gaps() ? mlx::core::take(of_tokens, *spread_, 0) : of_tokens;
  }
  mlx::core::array gather(const mlx::core::array& of_rows) const { return has_gaps() ? mlx::core::take(of_rows, *gather_, 0) : of_rows; }

 private:
  bool has_gaps() const { return spread_.has_value(); }
  int begin(int window) const;

  CacheRows* cache_;
  std::vector<Token> tokens_;
  /// [count]. `places_` are positions within the cache rows.
  mlx::core::array rows_, positions_, places_, step_rows_;
  /// Present if cache rows between the first and the last are not part of the step.
  std::optional<mlx::core::array> spread_, gather_;
  /// The smallest and the largest number of tokens in these cache rows.
  int shortest_, longest_;
  mutable std::map<int, std::optional<mlx::core::array>> masks_;
};

/// Several consecutive tokens of one sequence.
struct TokenRun {
  CachePlace place;
  int32_t position, tokens;
  /// Index of its first token in the step.
  int32_t step_row;

  int32_t end() const { return position + tokens; }
};

/// Groups a step's tokens for attention in the layers of one sight.
class AttendedTokens {
 public:
  /// @param caches must have room for the plan's tokens
  AttendedTokens(const StepPlan& plan, ArrayCaches& caches, size_t sight);

  const std::vector<DecodeRows>& decodes() const { return decodes_; }
  const std::vector<TokenRun>& runs() const { return runs_; }
  /// Which positions from `first` on each token of a run sees if only the last `window` count: [tokens, end - first].
  mlx::core::array window_mask(size_t run, int window, int first);
  /// Puts the outputs of `decodes`, followed by those of `runs`, into the order of the step's tokens.
  mlx::core::array in_order(std::vector<mlx::core::array> outputs) const;

 private:
  std::vector<DecodeRows> decodes_;
  std::vector<TokenRun> runs_;
  /// Absent if they are already in order.
  std::optional<mlx::core::array> order_;
  std::map<std::pair<size_t, int>, mlx::core::array> window_masks_;
};

/// A step of the array decoder.
class ArrayStep : public PreparedStep {
 public:
  ArrayStep(StepPlan plan, ArrayCaches& caches);

  AttendedTokens& attended(size_t sight) { return attended_[sight]; }

 private:
  std::vector<AttendedTokens> attended_;
};

}  // namespace exo

#pragma once

#include <mlx/mlx.h>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "../../cache/array_caches.h"
#include "../decoder.h"

namespace exo {

/// Sequences of a step that give one token each and whose caches lie in the same arrays: they are turned, written and
/// attended together, in the order of the caches' rows.
class DecodeRows {
 public:
  struct Token {
    int32_t cache_row, position;
    /// Of the step's tokens.
    int32_t step_row;
    /// Position of the first token in the cache's row.
    int32_t first;

    /// Position within the cache's row.
    int32_t place() const { return position - first; }
  };

  /// @param tokens at least one, by the caches' rows
  DecodeRows(CacheRows& cache, std::vector<Token> tokens);

  CacheRows& cache() const { return *cache_; }
  int count() const { return static_cast<int>(tokens_.size()); }
  const std::vector<Token>& tokens() const { return tokens_; }
  /// [count]
  const mlx::core::array& positions() const { return positions_; }

  /// Of arrays with a row for each of the step's tokens, the rows of these.
  mlx::core::array pick(const mlx::core::array& of_step) const;
  /// Writes keys and values [count, heads, 1, dim].
  void append(size_t layer, const mlx::core::array& keys, const mlx::core::array& values) const;
  /// What is attended to, with a row for each of the caches' rows from the first to the last of these.
  mlx::core::array seen(const mlx::core::array& held, int window) const;
  /// Which of it counts [rows, 1, 1, tokens]; absent where all does.
  std::optional<mlx::core::array> mask(int window) const;
  /// From [count, ...] to the rows of `seen`, and back.
  mlx::core::array spread(const mlx::core::array& of_tokens) const {
    return has_gaps() ? mlx::core::take(of_tokens, *spread_, 0) : of_tokens;
  }
  mlx::core::array gather(const mlx::core::array& of_rows) const { return has_gaps() ? mlx::core::take(of_rows, *gather_, 0) : of_rows; }

 private:
  bool has_gaps() const { return spread_.has_value(); }
  int begin(int window) const;

  CacheRows* cache_;
  std::vector<Token> tokens_;
  /// [count]: `places_` as positions within the caches' rows.
  mlx::core::array rows_, positions_, places_, step_rows_;
  /// Where rows between the first and the last are not of the step.
  std::optional<mlx::core::array> spread_, gather_;
  /// The length of the caches' rows, in tokens.
  int shortest_, longest_;
  mutable std::map<int, std::optional<mlx::core::array>> masks_;
};

/// A run of several tokens of one sequence.
struct TokenRun {
  CachePlace place;
  int32_t position, tokens;
  /// Of its first token, among the step's.
  int32_t step_row;

  int32_t end() const { return position + tokens; }
};

/// Groups a step's tokens for attention in the layers of one sight.
class AttendedTokens {
 public:
  /// @param caches have room for the plan's tokens
  AttendedTokens(const StepPlan& plan, ArrayCaches& caches, size_t sight);

  const std::vector<DecodeRows>& decodes() const { return decodes_; }
  const std::vector<TokenRun>& runs() const { return runs_; }
  /// What the tokens of a run see of positions from `first` on, when only the last `window` count: [tokens, end - first].
  mlx::core::array window_mask(size_t run, int window, int first);
  /// Brings outputs of `decodes`, then of `runs`, into the order of the step's tokens.
  mlx::core::array in_order(std::vector<mlx::core::array> outputs) const;

 private:
  std::vector<DecodeRows> decodes_;
  std::vector<TokenRun> runs_;
  /// Absent where they are in order.
  std::optional<mlx::core::array> order_;
  std::map<std::pair<size_t, int>, mlx::core::array> window_masks_;
};

/// A step of the array path.
class ArrayStep : public PreparedStep {
 public:
  ArrayStep(StepPlan plan, ArrayCaches& caches);

  AttendedTokens& attended(size_t sight) { return attended_[sight]; }

 private:
  std::vector<AttendedTokens> attended_;
};

}  // namespace exo

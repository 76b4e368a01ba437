#pragma once

#include <vector>

#include "mixers/token_groups.h"
#include "streams.h"

namespace exo {

/// The columns that stages pass on for each token if the state is several streams: the streams and how they are read; the keys of groups
/// that tokens complete, the groups that they see and the candidates of later indexes; the tokens' ids.
class GroupRowShape {
 public:
  explicit GroupRowShape(const DecoderSpec& spec, mlx::core::Dtype type);

  int width() const { return candidates_begin() + places_width(candidate_columns()) + places_width(token_columns()); }
  /// Whether rows are those of the first stage, which have no more columns than an embedding.
  bool is_embedding(const mlx::core::array& rows) const { return rows.shape(1) == hidden_ + places_width(token_columns()); }
  StreamState state_of(const mlx::core::array& rows) const;
  /// What a stage has received about the tokens of a segment.
  mlx::core::array completed_of(const mlx::core::array& rows) const;
  mlx::core::array choice_of(const mlx::core::array& rows) const;
  mlx::core::array candidates_of(const mlx::core::array& rows) const;
  /// The first stage's rows: the embedding and, if stages pass them on, the tokens' ids [tokens].
  mlx::core::array with_tokens(const mlx::core::array& embedding, const mlx::core::array& ids) const;
  mlx::core::array embedding_of(const mlx::core::array& rows) const;
  /// The ids of the tokens [tokens]; absent if they are not passed on.
  std::optional<mlx::core::array> tokens_of(const mlx::core::array& rows) const;
  /// @param rows what the stage has received; empty on the first one @param seen of each segment
  mlx::core::array sent(const StreamState& state, const std::vector<GroupedSegment>& segments, const std::vector<SeenGroups>& seen,
                        const std::optional<mlx::core::array>& tokens) const;

 private:
  /// Whole numbers and float32 take several columns of a shorter type.
  int places_width(int count) const { return count * 4 / static_cast<int>(mlx::core::size_of(type_)); }
  int token_columns() const { return passes_tokens_ ? 1 : 0; }
  int chosen_columns() const { return groups_ ? groups_->chosen : 0; }
  int candidate_columns() const { return groups_ ? groups_->candidate_blocks : 0; }
  int completed_begin() const { return streams_ * hidden_ + places_width(streams_); }
  int choice_begin() const { return completed_begin() + (groups_ ? groups_->head_dim + groups_->index_dim : 0); }
  int candidates_begin() const { return choice_begin() + places_width(chosen_columns()); }
  mlx::core::array places_of(const mlx::core::array& rows, int begin, int count, mlx::core::Dtype type) const;

  int hidden_, streams_;
  bool passes_tokens_;
  std::optional<TokenGroupsSpec> groups_;
  mlx::core::Dtype type_;
};

}  // namespace exo

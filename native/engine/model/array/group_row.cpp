#include "group_row.h"

#include "parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

GroupRowShape::GroupRowShape(const DecoderSpec& spec, mx::Dtype type)
    : hidden_(spec.hidden_size),
      streams_(spec.streams ? spec.streams->count : 0),
      passes_tokens_(spec.streams && spec.streams->are_tokens_passed),
      groups_(spec.token_groups && spec.token_groups->are_shared ? spec.token_groups : std::nullopt),
      type_(type) {}

StreamState GroupRowShape::state_of(const mx::array& rows) const {
  return {mx::unflatten(columns_of(rows, 0, streams_ * hidden_), -1, {streams_, hidden_}),
          places_of(rows, streams_ * hidden_, streams_, mx::float32)};
}

mx::array GroupRowShape::completed_of(const mx::array& rows) const { return columns_of(rows, completed_begin(), choice_begin()); }

mx::array GroupRowShape::choice_of(const mx::array& rows) const { return places_of(rows, choice_begin(), chosen_columns(), mx::int32); }

mx::array GroupRowShape::candidates_of(const mx::array& rows) const {
  return places_of(rows, candidates_begin(), candidate_columns(), mx::int32);
}

mx::array GroupRowShape::with_tokens(const mx::array& embedding, const mx::array& ids) const {
  if (!passes_tokens_) return embedding;
  return mx::concatenate({embedding, mx::view(mx::reshape(mx::astype(ids, mx::int32), {-1, 1}), type_)}, -1);
}

mx::array GroupRowShape::embedding_of(const mx::array& rows) const { return passes_tokens_ ? columns_of(rows, 0, hidden_) : rows; }

std::optional<mx::array> GroupRowShape::tokens_of(const mx::array& rows) const {
  if (!passes_tokens_) return std::nullopt;
  return mx::reshape(places_of(rows, rows.shape(1) - places_width(1), 1, mx::int32), {-1});
}

mx::array GroupRowShape::places_of(const mx::array& rows, int begin, int count, mx::Dtype type) const {
  return mx::view(mx::contiguous(columns_of(rows, begin, begin + places_width(count))), type);
}

mx::array GroupRowShape::sent(const StreamState& state, const std::vector<GroupedSegment>& segments, const std::vector<SeenGroups>& seen,
                              const std::optional<mx::array>& tokens) const {
  std::vector<mx::array> parts{mx::flatten(state.streams, 1, 2), mx::view(mx::contiguous(state.read), type_)};
  const auto of_all = [&](std::optional<mx::array> SeenGroups::* field, int width, mx::Dtype type) {
    std::vector<mx::array> rows;
    for (size_t i = 0; i < segments.size(); ++i)
      rows.push_back(seen[i].*field ? mx::astype(*(seen[i].*field), type) : mx::zeros({segments[i].tokens, width}, type));
    return rows.size() == 1 ? rows[0] : mx::concatenate(std::move(rows), 0);
  };
  if (groups_) {
    parts.push_back(of_all(&SeenGroups::completed, groups_->head_dim + groups_->index_dim, type_));
    parts.push_back(mx::view(mx::contiguous(of_all(&SeenGroups::choice, chosen_columns(), mx::int32)), type_));
    if (candidate_columns() > 0)
      parts.push_back(mx::view(mx::contiguous(of_all(&SeenGroups::candidates, candidate_columns(), mx::int32)), type_));
  }
  if (tokens) parts.push_back(mx::view(mx::reshape(*tokens, {-1, 1}), type_));
  return mx::concatenate(std::move(parts), -1);
}

}  // namespace exo

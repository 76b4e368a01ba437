#include "group_row.h"

#include "parts/array_numbers.h"

namespace mx = mlx::core;

namespace exo {

GroupRowShape::GroupRowShape(const DecoderSpec& spec, mx::Dtype type)
    : hidden_(spec.hidden_size), streams_(spec.streams ? spec.streams->count : 0), groups_(spec.token_groups), type_(type) {}

StreamState GroupRowShape::state_of(const mx::array& rows) const {
  return {mx::unflatten(columns_of(rows, 0, streams_ * hidden_), -1, {streams_, hidden_}),
          places_of(rows, streams_ * hidden_, streams_, mx::float32)};
}

mx::array GroupRowShape::completed_of(const mx::array& rows) const { return columns_of(rows, completed_begin(), choice_begin()); }

mx::array GroupRowShape::choice_of(const mx::array& rows) const { return places_of(rows, choice_begin(), chosen_columns(), mx::int32); }

mx::array GroupRowShape::candidates_of(const mx::array& rows) const {
  return places_of(rows, candidates_begin(), candidate_columns(), mx::int32);
}

mx::array GroupRowShape::places_of(const mx::array& rows, int begin, int count, mx::Dtype type) const {
  return mx::view(mx::contiguous(columns_of(rows, begin, begin + places_width(count))), type);
}

mx::array GroupRowShape::sent(const StreamState& state, const std::vector<GroupedSegment>& segments,
                              const std::vector<SeenGroups>& seen) const {
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
  return mx::concatenate(std::move(parts), -1);
}

}  // namespace exo

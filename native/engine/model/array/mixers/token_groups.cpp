#include "token_groups.h"

namespace mx = mlx::core;

namespace exo {

mx::array complete_groups(const GroupedSegment& segment, int group_tokens) {
  const auto ends = mx::arange(segment.position + 1, segment.end() + 1, mx::int32);
  return mx::expand_dims(mx::floor_divide(ends, mx::array(group_tokens)), 1);
}

mx::array mask_of(const mx::array& chosen, int count) {
  const int rows = chosen.shape(0);
  const auto places = mx::where(mx::less(chosen, mx::array(0)), mx::array(count), chosen);
  return mx::slice(mx::put_along_axis(mx::zeros({rows, count + 1}, mx::bool_), places, mx::array(true), -1), {0, 0}, {rows, count});
}

void keep_groups(const mx::array& completed, const TokenGroupsSpec& spec, const GroupedSegment& segment, const CachePlace& place,
                 size_t layer, SeenGroups& seen) {
  const int width = spec.head_dim + spec.index_dim, groups = segment.end() / spec.tokens;
  place.rows->append(layer, place.row, segment.position - place.first, {{mx::reshape(completed, {1, 1, segment.tokens, width})}, {}});
  seen.completed = completed;
  seen.keys = seen.index_keys = std::nullopt;
  if (groups == 0) return;
  // Each group is at the place of its last token.
  const auto columns = [&](int begin, int end) {
    return mx::slice(place.rows->layer(layer).keys[0], {place.row, 0, spec.tokens - 1, begin},
                     {place.row + 1, 1, groups * spec.tokens, end}, {1, 1, spec.tokens, 1});
  };
  seen.keys = columns(0, spec.head_dim);
  if (spec.index_dim > 0) seen.index_keys = columns(spec.head_dim, width);
}

}  // namespace exo

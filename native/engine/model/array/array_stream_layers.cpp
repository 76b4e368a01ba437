#include "array_decoder.h"

namespace mx = mlx::core;

namespace exo {

namespace {

mx::array rows_of(const mx::array& x, const GroupedSegment& segment) {
  return mx::slice(x, {segment.step_row, 0}, {segment.step_row + segment.tokens, x.shape(1)});
}

}  // namespace

size_t held_groups(const DecoderSpec& spec) {
  size_t count = spec.token_groups && spec.token_groups->are_received ? 1 : 0;
  for (const auto& layer : spec.layers) count += layer.attention.pooled && layer.attention.pooled->pool ? 1 : 0;
  return count;
}

mx::array ArrayDecoder::run_streams(ArrayStep& step, const mx::array& hidden) {
  std::vector<GroupedSegment> segments;
  int row = 0;
  for (const auto& segment : step.plan.segments) {
    segments.push_back({segment.position, segment.tokens, row, segment.slot});
    row += segment.tokens;
  }
  std::vector<SeenGroups> seen(segments.size());
  const bool is_first = group_row_.is_embedding(hidden);
  auto state = is_first ? StreamState::of(group_row_.embedding_of(hidden), streams_->count) : group_row_.state_of(hidden);
  const auto tokens = group_row_.tokens_of(hidden);
  // Groups that an earlier stage has pooled are held behind this stage's own layers.
  size_t holder = layers_.size();
  for (size_t i = 0; i < segments.size() && !is_first && groups_ && groups_->are_shared; ++i)
    receive_groups(rows_of(hidden, segments[i]), segments[i], seen[i]);
  if (groups_ && groups_->are_received) ++holder;
  for (size_t index = 0; index < layers_.size(); ++index) {
    const auto& layer = layers_[index];
    state = layer.attention_streams->apply(state, [&](const mx::array& read) {
      const auto own = attend_groups(index, holder, normalized(read, layer.input_norm), segments, seen);
      return all_sum_ ? all_sum_(own) : own;
    });
    if (layer.pooled->pools()) ++holder;
    state = layer.feed_forward_streams->apply(
        state, [&](const mx::array& read) { return layer.feed_forward->run(read, layer.feed_forward_norm, all_sum_, tokens); });
  }
  if (!final_norm_) return group_row_.sent(state, segments, seen, tokens);
  return output_streams_ ? output_streams_->collapsed(state.streams) : state.collapsed();
}

void ArrayDecoder::receive_groups(const mx::array& rows, const GroupedSegment& segment, SeenGroups& seen) {
  const int count = segment.end() / groups_->tokens, blocks = (count + groups_->block_groups - 1) / groups_->block_groups;
  if (groups_->are_received) {
    const auto place = caches_.sights().place(layers_.size());
    keep_groups(group_row_.completed_of(rows), *groups_, segment, caches_.place(place.sight, segment.slot), place.index, seen);
  }
  seen.completed = group_row_.completed_of(rows);
  // What ranks send must not be used as an index before it is checked.
  const auto within = [](const mx::array& places, int end) { return mx::clip(places, mx::array(-1), mx::array(end - 1)); };
  if (count > groups_->chosen) seen.choice = within(group_row_.choice_of(rows), count);
  if (groups_->received_candidates && groups_->candidate_blocks > 0 && blocks > groups_->candidate_blocks)
    seen.candidates = within(group_row_.candidates_of(rows), blocks);
}

mx::array ArrayDecoder::attend_groups(size_t index, size_t holder, const mx::array& input, const std::vector<GroupedSegment>& segments,
                                      std::vector<SeenGroups>& seen) {
  const auto& layer = layers_[index];
  const auto projected = layer.query_key_value.multiply(input);
  const auto window = caches_.sights().place(index);
  const auto held = layer.pooled->pools() ? std::optional(caches_.sights().place(holder)) : std::nullopt;
  std::vector<mx::array> outputs;
  for (size_t i = 0; i < segments.size(); ++i) {
    const auto& segment = segments[i];
    outputs.push_back(layer.pooled->run(
        rows_of(input, segment), rows_of(projected, segment), segment, caches_.place(window.sight, segment.slot), window.index,
        held ? std::optional(caches_.place(held->sight, segment.slot)) : std::nullopt, held ? held->index : 0, seen[i]));
  }
  return layer.attention_output.multiply(outputs.size() == 1 ? outputs[0] : mx::concatenate(std::move(outputs), 0));
}

}  // namespace exo

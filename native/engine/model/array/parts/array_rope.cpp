#include "array_rope.h"

namespace mx = mlx::core;

namespace exo {

namespace {

mx::array lengths_of(const RopeSpec& spec) {
  if (spec.inverse_frequencies.empty()) return mx::array(0.0f);
  std::vector<float> lengths;
  for (const auto frequency : spec.inverse_frequencies) lengths.push_back(1 / frequency);
  return mx::array(lengths.data(), {static_cast<int>(lengths.size())}, mx::float32);
}

}  // namespace

ArrayRope::ArrayRope(const RopeSpec& spec)
    : dims_(2 * static_cast<int>(spec.inverse_frequencies.size())),
      is_interleaved_(spec.is_interleaved),
      position_scale_(spec.position_scale),
      magnitude_(spec.magnitude),
      lengths_(lengths_of(spec)) {}

mx::array ArrayRope::turn(const mx::array& x, int position) const {
  if (dims_ == 0) return x;
  return mx::fast::rope(scaled(x), dims_, is_interleaved_, std::nullopt, position_scale_, position, lengths_);
}

mx::array ArrayRope::turn_each(const mx::array& x, const DecodeRows& rows) const {
  if (dims_ == 0) return x;
  if (rows.count() == 1) return turn(x, rows.tokens().front().position);
  return mx::fast::rope(scaled(x), dims_, is_interleaved_, std::nullopt, position_scale_, rows.positions(), lengths_);
}

mx::array ArrayRope::scaled(const mx::array& x) const {
  if (magnitude_ == 1 || x.shape(3) == dims_) return x;
  const mx::array magnitude(magnitude_, x.dtype());
  const auto turned = mx::multiply(mx::slice(x, {0, 0, 0, 0}, {x.shape(0), x.shape(1), x.shape(2), dims_}), magnitude);
  return mx::concatenate({turned, mx::slice(x, {0, 0, 0, dims_}, x.shape())}, -1);
}

}  // namespace exo

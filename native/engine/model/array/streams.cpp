#include "streams.h"

namespace mx = mlx::core;

namespace exo {

namespace {

mx::array part_of(const mx::array& x, int begin, int end) { return mx::slice(x, {0, begin}, {x.shape(0), end}); }

/// [count^2, count^2]: 1 where both numbers are in the same row, or column, of a square.
mx::array sums_of(int count, bool are_rows) {
  const auto own = mx::expand_dims(mx::eye(count), are_rows ? std::vector<int>{1, 3} : std::vector<int>{0, 2});
  return mx::contiguous(mx::reshape(mx::broadcast_to(own, {count, count, count, count}), {count * count, count * count}));
}

/// The streams of each token as one normalized row in float32.
mx::array normalized_row(const mx::array& streams, float epsilon) {
  return mx::fast::rms_norm(mx::astype(mx::flatten(streams, 1, 2), mx::float32), std::nullopt, epsilon);
}

/// [inputs, outputs]
mx::array transposed(const TensorSource& weights, int outputs, ArrayLoader& loader) {
  return mx::transpose(mx::unflatten(loader.vector(weights, mx::float32), 0, {outputs, -1}));
}

/// One factor for each column of the mixes.
mx::array column_scale(const mx::array& scale, int count) {
  const auto times = [&](int part, int columns) { return mx::repeat(mx::slice(scale, {part}, {part + 1}), columns); };
  return mx::concatenate({times(0, count), times(1, count), times(2, count * count)}, 0);
}

}  // namespace

StreamState StreamState::of(const mx::array& embedded, int count) {
  const int tokens = embedded.shape(0);
  const auto streams = mx::broadcast_to(mx::expand_dims(embedded, 1), {tokens, count, embedded.shape(1)});
  const auto read = mx::equal(mx::arange(count), mx::array(0));
  return {streams, mx::astype(mx::broadcast_to(read, {tokens, count}), mx::float32)};
}

mx::array StreamState::collapsed() const {
  const auto sum = mx::matmul(mx::expand_dims(read, 1), mx::astype(streams, mx::float32));
  return mx::astype(mx::squeeze(sum, 1), streams.dtype());
}

ArrayStreamMix::ArrayStreamMix(const StreamMixSpec& spec, const StreamsSpec& streams, float norm_epsilon, ArrayLoader& loader)
    : streams_(streams),
      norm_epsilon_(norm_epsilon),
      weights_(transposed(spec.weights, streams.count * (2 + streams.count), loader)),
      base_(loader.vector(spec.base, mx::float32)),
      scale_(column_scale(loader.vector(spec.scale, mx::float32), streams.count)),
      row_sums_(sums_of(streams.count, true)),
      column_sums_(sums_of(streams.count, false)) {
  mx::eval({weights_, scale_, row_sums_, column_sums_});
}

ArrayStreamMix::Mixes ArrayStreamMix::mixes_of(const mx::array& streams) const {
  const int count = streams_.count;
  const mx::array epsilon(streams_.epsilon);
  const auto flat = normalized_row(streams, norm_epsilon_);
  const auto all = mx::add(mx::multiply(mx::matmul(flat, weights_), scale_), base_);
  const auto square = mx::unflatten(part_of(all, 2 * count, all.shape(1)), -1, {count, count});
  auto mixed = mx::flatten(mx::add(mx::softmax(square, -1), epsilon), 1, 2);
  const auto least = mx::full(mixed.shape(), epsilon);
  const auto balance = [&](const mx::array& sums) { mixed = mx::divide(mixed, mx::addmm(least, mixed, sums)); };
  balance(column_sums_);
  for (int round = 1; round < streams_.rounds; ++round) balance(row_sums_), balance(column_sums_);
  mixed = mx::unflatten(mixed, -1, {count, count});
  return {mx::add(mx::sigmoid(part_of(all, 0, count)), epsilon), mx::multiply(mx::array(2.0f), mx::sigmoid(part_of(all, count, 2 * count))),
          mixed};
}

mx::array ArrayStreamMix::written(const mx::array& streams, const mx::array& output, const Mixes& mixes) {
  const auto mixed = mx::matmul(mx::swapaxes(mixes.mixed, -1, -2), mx::astype(streams, mx::float32));
  const auto outputs = mx::astype(mx::expand_dims(output, 1), mx::float32);
  return mx::astype(mx::addmm(mixed, mx::expand_dims(mixes.added, -1), outputs), streams.dtype());
}

ArrayStreamOutput::ArrayStreamOutput(const StreamMixSpec& spec, const StreamsSpec& streams, float norm_epsilon, ArrayLoader& loader)
    : epsilon_(streams.epsilon),
      norm_epsilon_(norm_epsilon),
      weights_(transposed(spec.weights, streams.count, loader)),
      base_(loader.vector(spec.base, mx::float32)),
      scale_(loader.vector(spec.scale, mx::float32)) {
  mx::eval(weights_);
}

mx::array ArrayStreamOutput::collapsed(const mx::array& streams) const {
  const auto mixes = mx::add(mx::multiply(mx::matmul(normalized_row(streams, norm_epsilon_), weights_), scale_), base_);
  return StreamState{streams, mx::add(mx::sigmoid(mixes), mx::array(epsilon_))}.collapsed();
}

}  // namespace exo

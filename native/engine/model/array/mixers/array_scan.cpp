#include "array_scan.h"

#include <algorithm>
#include <vector>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Tokens that are computed together: each of them meets all the others.
constexpr int kChunkTokens = 64;

mx::array tokens_between(const mx::array& x, int begin, int end) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[1] = begin, stop[1] = end;
  return mx::slice(x, start, stop);
}

/// [rows, tokens, ...] -> [rows, ..., tokens] for the first dimensions after the tokens.
mx::array token_last(const mx::array& x) { return mx::moveaxis(x, 1, -1); }

Scanned scan_one(const ScanInputs& inputs, const mx::array& before) {
  // [rows, groups, served, head dim, state]
  const auto one = [](const mx::array& x) { return mx::squeeze(x, 1); };
  const auto writes = mx::expand_dims(one(inputs.writes), {2, 3}), reads = mx::expand_dims(one(inputs.reads), {2, 4});
  const auto faded = mx::multiply(before, mx::expand_dims(mx::exp(one(inputs.fading)), {3, 4}));
  const auto state = mx::add(faded, mx::multiply(mx::expand_dims(one(inputs.added), -1), writes));
  return {mx::expand_dims(mx::squeeze(mx::matmul(state, mx::astype(reads, mx::float32)), -1), 1), state};
}

Scanned scan_many(const ScanInputs& inputs, const mx::array& before) {
  const int tokens = inputs.added.shape(1);
  // Sums of fading over the tokens after j, up to i: [rows, groups, served, i, j].
  const auto fading = token_last(inputs.fading);
  const auto after = mx::cumsum(mx::tril(mx::repeat(mx::expand_dims(fading, -1), tokens, -1), -1), -2);
  const auto reads = mx::astype(mx::swapaxes(inputs.reads, 1, 2), mx::float32);
  const auto writes = mx::astype(mx::swapaxes(inputs.writes, 1, 2), mx::float32);
  // In the model's type, as in mlx-lm.
  const auto met = mx::matmul(mx::swapaxes(inputs.reads, 1, 2), mx::swapaxes(mx::swapaxes(inputs.writes, 1, 2), -1, -2));
  const auto products = mx::expand_dims(met, 2);
  const auto kept = mx::exp(after);
  // [rows, groups, served, tokens, head dim]
  const auto added = mx::moveaxis(inputs.added, 1, 3);
  const auto own = mx::matmul(mx::tril(mx::multiply(products, kept)), added);
  const auto since = mx::exp(mx::cumsum(fading, -1));
  const auto earlier = mx::matmul(mx::expand_dims(reads, 2), mx::swapaxes(before, -1, -2));
  const auto read = mx::add(own, mx::multiply(mx::expand_dims(since, -1), earlier));
  const auto last = [&](const mx::array& x, int axis) {
    mx::Shape start(x.ndim(), 0), stop = x.shape();
    start[static_cast<size_t>(axis)] = tokens - 1;
    return mx::slice(x, start, stop);
  };
  const auto lasting = mx::multiply(added, mx::swapaxes(last(kept, 3), -1, -2));
  const auto gained = mx::matmul(mx::swapaxes(lasting, -1, -2), mx::expand_dims(writes, 2));
  const auto state = mx::add(mx::multiply(before, mx::expand_dims(last(since, 3), -1)), gained);
  return {mx::moveaxis(read, 3, 1), state};
}

}  // namespace

Scanned scan(const ScanInputs& inputs, const mx::array& before) {
  const int tokens = inputs.added.shape(1);
  auto state = before;
  std::vector<mx::array> read;
  for (int begin = 0; begin < tokens; begin += kChunkTokens) {
    const int end = std::min(begin + kChunkTokens, tokens);
    const auto part = [&](const mx::array& x) { return end - begin == tokens ? x : tokens_between(x, begin, end); };
    const ScanInputs chunk{part(inputs.added), part(inputs.fading), part(inputs.writes), part(inputs.reads)};
    auto scanned = end - begin == 1 ? scan_one(chunk, state) : scan_many(chunk, state);
    state = scanned.state;
    read.push_back(std::move(scanned.read));
  }
  return {read.size() == 1 ? read[0] : mx::concatenate(std::move(read), 1), state};
}

mx::array grouped_norm(const mx::array& x, const mx::array& weight, int groups, float epsilon) {
  if (groups == 1) return mx::fast::rms_norm(x, weight, epsilon);
  const auto grouped = mx::fast::rms_norm(mx::unflatten(x, -1, {groups, -1}), std::nullopt, epsilon);
  return mx::multiply(weight, mx::flatten(grouped, -2, -1));
}

}  // namespace exo

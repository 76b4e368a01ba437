#include "array_delta_scan.h"

#include <algorithm>
#include <vector>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Tokens that are computed together; a power of two.
constexpr int kChunkTokens = 64;
/// The same if every dimension of a key decays by itself, which takes a number for each pair of tokens and dimension.
constexpr int kKeyChunkTokens = 32;
/// Fewer tokens are computed one by one.
constexpr int kLeastChunkTokens = 8;

/// x[:, begin:end].
mx::array tokens_between(const mx::array& x, int begin, int end) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[1] = begin, stop[1] = end;
  return mx::slice(x, start, stop);
}

DeltaInputs inputs_between(const DeltaInputs& inputs, int begin, int end) {
  const auto part = [&](const mx::array& x) { return tokens_between(x, begin, end); };
  return {part(inputs.queries), part(inputs.keys), part(inputs.values), part(inputs.strengths), part(inputs.fading)};
}

DeltaRead scan_each(const DeltaInputs& inputs, const mx::array& before) {
  const int rows = inputs.keys.shape(0), tokens = inputs.keys.shape(1), heads = inputs.keys.shape(2);
  const int served = inputs.values.shape(3), key_dim = inputs.keys.shape(4), value_dim = inputs.values.shape(4);
  const auto decays = mx::exp(inputs.fading);
  auto state = before;
  std::vector<mx::array> read;
  for (int index = 0; index < tokens; ++index) {
    const auto token = [&](const mx::array& x, mx::Shape shape) {
      return mx::reshape(tokens_between(x, index, index + 1), std::move(shape));
    };
    // [rows, key heads, served, value dim, key dim]
    const mx::Shape column{rows, heads, 1, key_dim, 1};
    const auto key = token(inputs.keys, column), query = token(inputs.queries, column);
    state = mx::multiply(state, mx::squeeze(tokens_between(decays, index, index + 1), 1));
    const auto known = mx::matmul(state, key);
    const auto change = mx::multiply(mx::subtract(token(inputs.values, {rows, heads, served, value_dim, 1}), known),
                                     token(inputs.strengths, {rows, heads, served, 1, 1}));
    state = mx::add(state, mx::multiply(change, mx::swapaxes(key, -1, -2)));
    read.push_back(mx::matmul(state, query));
  }
  return {read.size() == 1 ? read[0] : mx::stack(std::move(read), 1), state};
}

/// One element of a dimension of two, which is removed.
mx::array half(const mx::array& x, int axis, int index) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  start[static_cast<size_t>(axis)] = index, stop[static_cast<size_t>(axis)] = index + 1;
  return mx::squeeze(mx::slice(x, start, stop), axis);
}

/// The inverse of I + x for strictly lower triangular x [batch, size, size], where the size is a power of two: inverses of blocks on
/// the diagonal are joined in pairs.
mx::array inverse_of_unit(const mx::array& x) {
  const int batch = x.shape(0), size = x.shape(1);
  auto inverse = mx::ones({batch, size, 1, 1}, x.dtype());
  for (int block = 1; block < size; block *= 2) {
    const int pairs = size / block / 2;
    // The blocks left of the diagonal, from the first block of each pair to its second one: [batch, pairs, block, block].
    const auto grid = mx::reshape(x, {batch, pairs, 2, block, pairs, 2, block});
    const auto below = mx::moveaxis(mx::diagonal(half(half(grid, 5, 0), 2, 1), 0, 1, 3), -1, 1);
    const auto both = mx::reshape(inverse, {batch, pairs, 2, block, block});
    const auto first = half(both, 2, 0), second = half(both, 2, 1);
    const auto corner = mx::negative(mx::matmul(mx::matmul(second, below), first));
    inverse = mx::concatenate({mx::concatenate({first, mx::zeros_like(first)}, -1), mx::concatenate({corner, second}, -1)}, -2);
  }
  return mx::reshape(inverse, {batch, size, size});
}

/// Adds tokens without effect.
mx::array padded(const mx::array& x, int tokens) {
  const int missing = tokens - x.shape(1);
  if (missing == 0) return x;
  auto shape = x.shape();
  shape[1] = missing;
  return mx::concatenate({x, mx::zeros(shape, x.dtype())}, 1);
}

/// With G(i) the product of all decays up to token i, S the state before and k, v, b a token's key, value and strength: what a token
/// writes is u(i) = b(i) (v(i) - G(i) S k(i) - sum over j < i of G(i) / G(j) (k(j) k(i)) u(j)), which is a triangular system.
DeltaRead scan_chunk(const DeltaInputs& given, const mx::array& before) {
  const int own = given.keys.shape(1);
  int tokens = kLeastChunkTokens;
  while (tokens < own) tokens *= 2;
  // [rows, key heads, served or 1, tokens, dim]
  const auto by_head = [&](const mx::array& x) { return mx::moveaxis(padded(x, tokens), 1, 3); };
  const auto queries = by_head(given.queries), keys = by_head(given.keys), values = by_head(given.values);
  const auto strengths = by_head(mx::expand_dims(mx::astype(given.strengths, mx::float32), -1));
  // [rows, key heads, served, tokens]
  const auto fading = mx::squeeze(mx::moveaxis(padded(given.fading, tokens), 1, 3), {4, 5});
  // Sums of the logarithms over the tokens after j, up to i; above the diagonal they have no meaning.
  const auto after = mx::exp(mx::cumsum(mx::tril(mx::repeat(mx::expand_dims(fading, -1), tokens, -1), -1), -2));
  const auto since = mx::exp(mx::expand_dims(mx::cumsum(fading, -1), -1));
  const auto turned = mx::swapaxes(keys, -1, -2), known = mx::swapaxes(before, -1, -2);
  const auto system = mx::tril(mx::multiply(mx::multiply(strengths, after), mx::matmul(keys, turned)), -1);
  const auto shape = system.shape();
  const auto inverse = mx::reshape(inverse_of_unit(mx::reshape(system, {-1, tokens, tokens})), shape);
  const auto corrections = mx::multiply(strengths, mx::subtract(values, mx::multiply(since, mx::matmul(keys, known))));
  const auto written = mx::matmul(inverse, corrections);
  const auto read = mx::add(mx::multiply(since, mx::matmul(queries, known)),
                            mx::matmul(mx::tril(mx::multiply(after, mx::matmul(queries, turned))), written));
  const auto last = [&](const mx::array& x) {
    mx::Shape start(x.ndim(), 0), stop = x.shape();
    start[3] = tokens - 1;
    return mx::slice(x, start, stop);
  };
  const auto lasting = mx::multiply(written, mx::swapaxes(last(after), -1, -2));
  const auto state = mx::add(mx::multiply(before, last(since)), mx::matmul(mx::swapaxes(lasting, -1, -2), keys));
  const auto by_token = mx::moveaxis(read, 3, 1);
  return {own == tokens ? by_token : tokens_between(by_token, 0, own), state};
}

/// The same if every dimension of a key decays by itself: (k(j) k(i)) G(i) / G(j) becomes a sum over dimensions. Ratios of decays are
/// at most 1, while a decay alone may be too small to divide by.
DeltaRead scan_key_chunk(const DeltaInputs& given, const mx::array& before) {
  const int own = given.keys.shape(1);
  int tokens = kLeastChunkTokens;
  while (tokens < own) tokens *= 2;
  // [rows, key heads, served or 1, tokens, dim]
  const auto by_head = [&](const mx::array& x) { return mx::moveaxis(padded(x, tokens), 1, 3); };
  const auto queries = by_head(given.queries), keys = by_head(given.keys), values = by_head(given.values);
  const auto strengths = by_head(mx::expand_dims(mx::astype(given.strengths, mx::float32), -1));
  const auto passed = mx::cumsum(by_head(mx::squeeze(given.fading, 4)), 3);
  const auto since = mx::exp(passed);
  // Of each pair of tokens [rows, key heads, served, later, earlier, dim].
  const auto between = mx::exp(mx::minimum(mx::subtract(mx::expand_dims(passed, 4), mx::expand_dims(passed, 3)), mx::array(0.0f)));
  const auto met = mx::matmul(mx::multiply(between, mx::expand_dims(keys, 3)), mx::stack({keys, queries}, -1));
  const auto pairs_of = [&](int index) { return half(met, 5, index); };
  const auto system = mx::tril(mx::multiply(strengths, pairs_of(0)), -1);
  const auto inverse = mx::reshape(inverse_of_unit(mx::reshape(system, {-1, tokens, tokens})), system.shape());
  const auto known = mx::swapaxes(before, -1, -2);
  const auto corrections = mx::multiply(strengths, mx::subtract(values, mx::matmul(mx::multiply(keys, since), known)));
  const auto written = mx::matmul(inverse, corrections);
  const auto read = mx::add(mx::matmul(mx::multiply(queries, since), known), mx::matmul(mx::tril(pairs_of(1)), written));
  const auto last = [&](const mx::array& x) {
    mx::Shape start(x.ndim(), 0), stop = x.shape();
    start[3] = tokens - 1;
    return mx::slice(x, start, stop);
  };
  const auto lasting = mx::multiply(keys, mx::exp(mx::subtract(last(passed), passed)));
  const auto state = mx::add(mx::multiply(before, last(since)), mx::matmul(mx::swapaxes(written, -1, -2), lasting));
  const auto by_token = mx::moveaxis(read, 3, 1);
  return {own == tokens ? by_token : tokens_between(by_token, 0, own), state};
}

}  // namespace

DeltaRead delta_scan(const DeltaInputs& inputs, const mx::array& before) {
  const int tokens = inputs.keys.shape(1);
  if (tokens < kLeastChunkTokens) return scan_each(inputs, before);
  const bool is_by_dim = inputs.fading.shape(-1) > 1;
  const int chunk = is_by_dim ? kKeyChunkTokens : kChunkTokens;
  auto state = before;
  std::vector<mx::array> read;
  for (int begin = 0; begin < tokens; begin += chunk) {
    const auto some = inputs_between(inputs, begin, std::min(begin + chunk, tokens));
    auto scanned = is_by_dim ? scan_key_chunk(some, state) : scan_chunk(some, state);
    state = std::move(scanned.state);
    read.push_back(std::move(scanned.read));
  }
  return {read.size() == 1 ? read[0] : mx::concatenate(std::move(read), 1), state};
}

}  // namespace exo

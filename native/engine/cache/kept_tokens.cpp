#include "kept_tokens.h"

namespace mx = mlx::core;

namespace exo {

namespace {

bool is_packed(const KeptTokens& kept) { return kept.size() == 3; }

/// The format of packed tokens. @param dim numbers per head
KeptFormat format_of(const KeptTokens& packed, int dim) {
  constexpr int kWordBits = 32;
  return {packed[0].shape(-1) * kWordBits / dim, dim / packed[1].shape(-1)};
}

mx::array multiply(const mx::array& x, const KeptTokens& packed, bool is_transposed, int dim) {
  const auto [bits, group] = format_of(packed, dim);
  return mx::quantized_matmul(x, packed[0], packed[1], packed[2], is_transposed, group, bits);
}

}  // namespace

KeptFormat kept_format(int key_dim, int value_dim, int bits) {
  if (bits == kHalfBits) return {bits, 0};
  for (const int group : {64, 32}) {
    if (bits > 0 && key_dim % group == 0 && value_dim % group == 0) return {bits, group};
  }
  return {};
}

double kept_number_bytes(KeptFormat format, mx::Dtype type) {
  const auto bytes = static_cast<double>(mx::size_of(type));
  if (format.bits == 0) return bytes;
  return format.bits == kHalfBits ? 2 : format.bits / 8.0 + 2 * bytes / format.group;
}

KeptTokens pack_tokens(const mx::array& computed, KeptFormat format) {
  if (format.bits == 0) return {computed};
  if (format.bits == kHalfBits) return {computed.dtype() == mx::float32 ? mx::astype(computed, mx::bfloat16) : computed};
  return mx::quantize(computed, format.group, format.bits);
}

mx::array unpack_tokens(const KeptTokens& kept, int dim, mx::Dtype type) {
  if (!is_packed(kept)) return mx::astype(kept[0], type);
  const auto [bits, group] = format_of(kept, dim);
  return mx::astype(mx::dequantize(kept[0], kept[1], kept[2], group, bits), type);
}

mx::array attend_to_packed(const mx::array& queries, const KeptTokens& keys, const KeptTokens& values, int value_dim, float scale,
                           const std::optional<mx::array>& mask) {
  const int rows = queries.shape(0), heads = queries.shape(1), dim = queries.shape(3), kv_heads = keys[0].shape(1);
  const auto scaled = mx::multiply(queries, mx::array(scale, queries.dtype()));
  auto scores = multiply(mx::reshape(scaled, {rows, kv_heads, heads / kv_heads, dim}), keys, true, dim);
  if (mask) scores = mx::where(*mask, scores, mx::array(mx::finfo(scores.dtype()).min, scores.dtype()));
  return mx::reshape(multiply(mx::softmax(scores, -1, true), values, false, value_dim), {rows, heads, 1, value_dim});
}

}  // namespace exo

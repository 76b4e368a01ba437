#pragma once

#include <mlx/mlx.h>

#include <optional>
#include <vector>

namespace exo {

/// Keys or values as a cache stores them: [rows, heads, tokens, dim], or the packed numbers, scales and biases of their
/// groups, which have the same first three dimensions. Empty before the first token.
using KeptTokens = std::vector<mlx::core::array>;

/// Not quantized, but half the size of a float32.
inline constexpr int kHalfBits = 16;

/// How a cache stores the numbers of a head.
struct KeptFormat {
  /// 0: as computed.
  int bits = 0;
  /// Consecutive numbers of a head that share a scale.
  int group = 0;
};

/// The format for heads of these widths; as computed if they would be quantized and no group size divides both.
KeptFormat kept_format(int key_dim, int value_dim, int bits);
/// Bytes of one number in this format. @param type the type of the computation
double kept_number_bytes(KeptFormat format, mlx::core::Dtype type);

/// @param computed [rows, heads, tokens, dim]
KeptTokens pack_tokens(const mlx::core::array& computed, KeptFormat format);
/// @param dim numbers per head @param type the type of the computation
mlx::core::array unpack_tokens(const KeptTokens& kept, int dim, mlx::core::Dtype type);

/// Attends with one query per row and head, and reads the packed numbers themselves.
/// @param queries [rows, heads, 1, dim] @param mask [rows, 1, 1, tokens]; absent: every token counts
/// @returns [rows, heads, 1, value dim]
mlx::core::array attend_to_packed(const mlx::core::array& queries, const KeptTokens& keys, const KeptTokens& values, int value_dim,
                                  float scale, const std::optional<mlx::core::array>& mask);

}  // namespace exo

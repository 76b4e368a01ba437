#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace exo {

/// How a tensor lies in its file.
enum class StoredType : int { Float32, Float16, BFloat16, Uint32, Uint8 };

constexpr int64_t stored_bytes(StoredType type) {
  switch (type) {
    case StoredType::Uint8: return 1;
    case StoredType::Float16:
    case StoredType::BFloat16: return 2;
    case StoredType::Float32:
    case StoredType::Uint32: return 4;
  }
  throw std::invalid_argument("a stored type of unknown size");
}

/// The part that this shard needs of a tensor [rows, columns]; a vector has one row.
struct TensorSource {
  std::string name;
  /// Index into the shard's files.
  int32_t file = 0;
  /// Of the tensor's first byte in the file.
  int64_t offset = 0;
  StoredType type = StoredType::Float32;
  int64_t columns = 0;
  int64_t row_begin = 0, row_end = 0;
  int64_t column_begin = 0, column_end = 0;

  int64_t row_count() const { return row_end - row_begin; }
  int64_t column_count() const { return column_end - column_begin; }
};

/// How numbers of few bits stand for a weight. Affine: value = scale * number + bias, one scale and bias per group of a
/// row's columns. Mxfp: small floats times a power of two per group.
enum class QuantizationMode : int { Affine, Mxfp4, Mxfp8 };

struct QuantizationSource {
  QuantizationMode mode;
  int32_t bits;
  int32_t group_size;
  TensorSource scales;
  /// Of the affine mode.
  std::optional<TensorSource> biases;
};

/// Part of a weight's columns.
struct ColumnCrop {
  int64_t begin;
  int64_t end;
};

/// A weight [outputs, inputs], and its bias [outputs].
struct MatrixSource {
  TensorSource weight;
  std::optional<QuantizationSource> quantization;
  std::optional<TensorSource> bias;
  /// Where a rank's columns begin or end within a quantization group: of the columns above, those that it needs. Such a
  /// weight cannot stay quantized.
  std::optional<ColumnCrop> crop;

  int64_t outputs() const { return weight.row_count(); }
  int64_t stored_inputs() const { return quantization ? weight.column_count() * 32 / quantization->bits : weight.column_count(); }
  int64_t inputs() const { return crop ? crop->end - crop->begin : stored_inputs(); }
};

/// Weights that read the same input; their outputs lie side by side.
using LinearSource = std::vector<MatrixSource>;

}  // namespace exo

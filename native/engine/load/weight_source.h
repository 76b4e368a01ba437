#pragma once

// Written by `node setup/generate/write-decoder-spec.mjs` from native/plan/spec: change the tables there.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace exo {

/// The element types that the engine reads; named as in safetensors.
enum class StoredType : int { Float32, Float16, BFloat16, Uint32, Uint8 };

/// The part that a shard needs of a tensor [rows, columns]; a vector has one row.
struct TensorSource {
  std::string name;
  /// Index into the plan's files.
  int32_t file = 0;
  /// The place of the tensor's first byte in the file.
  int64_t offset = 0;
  StoredType type = StoredType::Float32;
  /// The columns of the whole tensor.
  int64_t columns = 0;
  int64_t row_begin = 0;
  int64_t row_end = 0;
  int64_t column_begin = 0;
  int64_t column_end = 0;

  int64_t row_count() const { return row_end - row_begin; }
  int64_t column_count() const { return column_end - column_begin; }
};

/// How numbers of few bits stand for a weight; named as in MLX. Affine: value = scale * number + bias, with one scale and
/// bias per group of a row's columns. Mxfp: small floats times a power of two per group.
enum class QuantizationMode : int { Affine, Mxfp4, Mxfp8 };

/// The form of a weight that is stored quantized.
struct QuantizationSource {
  QuantizationMode mode = QuantizationMode::Affine;
  int32_t bits = 0;
  int32_t group_size = 0;
  TensorSource scales;
  /// Of the affine mode alone.
  std::optional<TensorSource> biases;
};

/// Part of a weight's columns.
struct ColumnCrop {
  int64_t begin = 0;
  int64_t end = 0;
};

/// A weight [outputs, inputs], and its bias [outputs].
struct MatrixSource {
  TensorSource weight;
  std::optional<QuantizationSource> quantization;
  std::optional<TensorSource> bias;
  /// Where a rank's columns begin or end within a quantization group: of the columns that are read, those that it needs. Such
  /// a weight cannot stay quantized.
  std::optional<ColumnCrop> crop;

  int64_t outputs() const { return weight.row_count(); }
  int64_t stored_inputs() const { return quantization ? weight.column_count() * 32 / quantization->bits : weight.column_count(); }
  int64_t inputs() const { return crop ? crop->end - crop->begin : stored_inputs(); }
};

/// Weights that read the same input; their outputs lie side by side.
using LinearSource = std::vector<MatrixSource>;

}  // namespace exo

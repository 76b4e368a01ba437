#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "half_floats.h"
#include "stored_bytes.h"
#include "weight_reader.h"

namespace exo {

/// A rectangle of a stored matrix: half-open ranges.
struct Part {
  int64_t row_begin, row_end, column_begin, column_end;
  int64_t rows() const { return row_end - row_begin; }
  int64_t columns() const { return column_end - column_begin; }
};

/// The rows that a call reads, in the files' numbering.
struct Rows {
  int64_t begin, count;
  int64_t end() const { return begin + count; }
};

inline TensorSource source_of(const TensorSource& tensor, const StoredMatrix& matrix, const Part& part) {
  TensorSource source;
  source.name = tensor.name;
  source.file = matrix.file, source.offset = matrix.offset, source.type = matrix.type, source.columns = matrix.columns;
  source.row_begin = part.row_begin, source.row_end = part.row_end;
  source.column_begin = part.column_begin, source.column_end = part.column_end;
  return source;
}

/// A part of the matrix at `index` of `tensor.form.from`.
/// @throws EngineError `model-damaged`
template <typename T>
std::vector<T> read_part(const TensorSource& tensor, WeightReader& reader, size_t index, const Part& part) {
  std::vector<T> values(static_cast<size_t>(part.rows() * part.columns()));
  reader.read_stored(source_of(tensor, tensor.form->from.at(index), part), values.data());
  return values;
}

inline std::vector<char> read_part_bytes(const TensorSource& tensor, WeightReader& reader, size_t index, const Part& part) {
  std::vector<char> bytes(static_cast<size_t>(part.rows() * part.columns() * stored_bytes(tensor.form->from.at(index).type)));
  reader.read_stored(source_of(tensor, tensor.form->from.at(index), part), bytes.data());
  return bytes;
}

/// Floats of any type. Bytes are powers of two, with an exponent's bias of 127.
inline std::vector<float> read_float_part(const TensorSource& tensor, WeightReader& reader, size_t index, const Part& part) {
  const StoredType type = tensor.form->from.at(index).type;
  const auto raw = read_part_bytes(tensor, reader, index, part);
  std::vector<float> floats(static_cast<size_t>(part.rows() * part.columns()));
  if (type == StoredType::Uint8) {
    for (size_t i = 0; i < floats.size(); ++i) floats[i] = std::ldexp(1.0f, static_cast<uint8_t>(raw[i]) - 127);
  } else {
    widen(raw.data(), type, static_cast<int64_t>(floats.size()), floats.data());
  }
  return floats;
}

/// Stores a number at an index of an array of a float type.
inline void store(float value, StoredType type, int64_t index, void* to) {
  const uint32_t bits = narrowed(value, type);
  if (type == StoredType::Float32) {
    static_cast<uint32_t*>(to)[index] = bits;
  } else {
    static_cast<uint16_t*>(to)[index] = static_cast<uint16_t>(bits);
  }
}

}  // namespace exo

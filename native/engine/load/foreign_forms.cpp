#include "foreign_forms.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "half_floats.h"
#include "packed_numbers.h"
#include "stored_bytes.h"

namespace exo {

namespace {

/// The place of each of eight outputs in AutoAWQ's words.
constexpr int32_t kAwqPlaces[8] = {0, 4, 1, 5, 2, 6, 3, 7};
/// Blocks of 8-bit floats become 8-bit numbers in groups of this size.
constexpr int64_t kBlockGroup = 64;
constexpr float kBlockNumbers = 255;

/// A rectangle of a stored matrix: half-open ranges.
struct Part {
  int64_t row_begin, row_end, column_begin, column_end;
  int64_t rows() const { return row_end - row_begin; }
  int64_t columns() const { return column_end - column_begin; }
};

TensorSource source_of(const TensorSource& tensor, const StoredMatrix& matrix, const Part& part) {
  TensorSource source;
  source.name = tensor.name;
  source.file = matrix.file, source.offset = matrix.offset, source.type = matrix.type, source.columns = matrix.columns;
  source.row_begin = part.row_begin, source.row_end = part.row_end;
  source.column_begin = part.column_begin, source.column_end = part.column_end;
  return source;
}

template <typename T>
std::vector<T> read_part(const TensorSource& tensor, WeightReader& reader, size_t index, const Part& part) {
  std::vector<T> values(static_cast<size_t>(part.rows() * part.columns()));
  reader.read_stored(source_of(tensor, tensor.form->from.at(index), part), values.data());
  return values;
}

std::vector<char> read_part_bytes(const TensorSource& tensor, WeightReader& reader, size_t index, const Part& part) {
  std::vector<char> bytes(static_cast<size_t>(part.rows() * part.columns() * stored_bytes(tensor.form->from.at(index).type)));
  reader.read_stored(source_of(tensor, tensor.form->from.at(index), part), bytes.data());
  return bytes;
}

std::vector<float> read_float_part(const TensorSource& tensor, WeightReader& reader, size_t index, const Part& part) {
  const StoredType type = tensor.form->from.at(index).type;
  const auto raw = read_part_bytes(tensor, reader, index, part);
  std::vector<float> floats(static_cast<size_t>(part.rows() * part.columns()));
  widen(raw.data(), type, static_cast<int64_t>(floats.size()), floats.data());
  return floats;
}

void store(float value, StoredType type, int64_t index, void* to) {
  const uint32_t bits = narrowed(value, type);
  if (type == StoredType::Float32) {
    static_cast<uint32_t*>(to)[index] = bits;
  } else {
    static_cast<uint16_t*>(to)[index] = static_cast<uint16_t>(bits);
  }
}

/// The rows that a call reads, in the files' numbering.
struct Rows {
  int64_t begin, count;
  int64_t end() const { return begin + count; }
};

void read_strided(const TensorSource& tensor, WeightReader& reader, int64_t row, int64_t count, char* to) {
  const auto& form = *tensor.form;
  const int64_t width = tensor.column_count() * stored_bytes(tensor.type);
  for (int64_t r = 0; r < count; ++r) {
    const int64_t at = form.first_row + (tensor.row_begin + row + r) * form.row_stride;
    reader.read_stored(source_of(tensor, form.from.at(0), {at, at + 1, tensor.column_begin, tensor.column_end}), to + r * width);
  }
}

/// A vector whose elements lie at a distance from each other.
void read_elements(const TensorSource& tensor, WeightReader& reader, char* to) {
  const auto& form = *tensor.form;
  const int64_t item = stored_bytes(tensor.type), count = tensor.column_count();
  const int64_t first = form.first_row + tensor.column_begin * form.row_stride;
  const auto bytes = read_part_bytes(tensor, reader, 0, {first, first + (count - 1) * form.row_stride + 1, 0, 1});
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * item, bytes.data() + i * form.row_stride * item, static_cast<size_t>(item));
}

template <typename T>
void read_transposed(const TensorSource& tensor, WeightReader& reader, const Rows& rows, T* to) {
  const Part part{tensor.column_begin, tensor.column_end, rows.begin, rows.end()};
  const auto values = read_part<T>(tensor, reader, 0, part);
  for (int64_t column = 0; column < part.rows(); ++column) {
    for (int64_t r = 0; r < rows.count; ++r) to[r * part.rows() + column] = values[static_cast<size_t>(column * rows.count + r)];
  }
}

uint32_t awq_number(uint32_t word, int64_t output) { return word >> (4 * kAwqPlaces[output % 8]) & 15u; }

void read_awq_words(const TensorSource& tensor, WeightReader& reader, const Rows& rows, uint32_t* to) {
  const Part part{tensor.column_begin * 8, tensor.column_end * 8, rows.begin / 8, (rows.end() + 7) / 8};
  const auto words = read_part<uint32_t>(tensor, reader, 0, part);
  for (int64_t r = 0; r < rows.count; ++r) {
    const int64_t output = rows.begin + r, column = output / 8 - part.column_begin;
    for (int64_t word = 0; word < tensor.column_count(); ++word) {
      uint32_t packed = 0;
      for (int64_t i = 0; i < 8; ++i)
        packed |= awq_number(words[static_cast<size_t>((word * 8 + i) * part.columns() + column)], output) << (4 * i);
      to[r * tensor.column_count() + word] = packed;
    }
  }
}

/// Biases are minus a scale times its zero point. `zero_at` gives the zero point of an output and a group.
void store_biases(const TensorSource& tensor, const Rows& rows, const std::vector<float>& scales, bool are_transposed, auto zero_at,
                  void* to) {
  const int64_t groups = tensor.column_count();
  for (int64_t r = 0; r < rows.count; ++r) {
    for (int64_t group = 0; group < groups; ++group) {
      const float scale = scales[static_cast<size_t>(are_transposed ? group * rows.count + r : r * groups + group)];
      store(-scale * static_cast<float>(zero_at(rows.begin + r, group)), tensor.type, r * groups + group, to);
    }
  }
}

/// AutoAWQ and GPTQ store scales [groups, outputs], and their zero points pack the outputs.
void read_transposed_biases(const TensorSource& tensor, WeightReader& reader, const Rows& rows, void* to) {
  const auto& form = *tensor.form;
  const auto scales = read_float_part(tensor, reader, 0, {tensor.column_begin, tensor.column_end, rows.begin, rows.end()});
  const int64_t zero_columns = form.from.at(1).columns;
  const auto zeros = read_part<uint32_t>(tensor, reader, 1, {tensor.column_begin, tensor.column_end, 0, zero_columns});
  const bool is_awq = form.kind == FormKind::AwqBiases;
  store_biases(
      tensor, rows, scales, true,
      [&](int64_t output, int64_t group) {
        const uint32_t* words = zeros.data() + group * zero_columns;
        return is_awq ? awq_number(words[output / 8], output)
                      : number_at(words, output, form.bits) + static_cast<uint32_t>(form.zero_offset);
      },
      to);
}

void read_row_biases(const TensorSource& tensor, WeightReader& reader, const Rows& rows, void* to) {
  const auto& form = *tensor.form;
  const auto scales = read_float_part(tensor, reader, 0, {rows.begin, rows.end(), tensor.column_begin, tensor.column_end});
  if (form.kind == FormKind::SymmetricBiases) {
    store_biases(tensor, rows, scales, false, [&](int64_t, int64_t) { return 1u << (form.bits - 1); }, to);
    return;
  }
  const int64_t per_word = 32 / form.bits, groups = tensor.column_count();
  const Part part{rows.begin / per_word, (rows.end() + per_word - 1) / per_word, tensor.column_begin, tensor.column_end};
  const auto zeros = read_part<uint32_t>(tensor, reader, 1, part);
  store_biases(
      tensor, rows, scales, false,
      [&](int64_t output, int64_t group) {
        const uint32_t word = zeros[static_cast<size_t>((output / per_word - part.row_begin) * groups + group)];
        return word >> (output % per_word * form.bits) & ((1u << form.bits) - 1);
      },
      to);
}

/// A group of 8-bit floats in the affine format. Like MLX, it places a number exactly at 0 and one at the farther end.
struct AffineGroup {
  float scale = 0, bias = 0;

  explicit AffineGroup(const float* values) {
    const auto [low, high] = std::minmax_element(values, values + kBlockGroup);
    const bool starts_low = std::fabs(*low) > std::fabs(*high);
    const float edge = starts_low ? *low : *high;
    const float step = std::max((*high - *low) / kBlockNumbers, 1e-7f) * (starts_low ? 1.0f : -1.0f);
    const float steps = std::nearbyint(edge / step);
    scale = rounded(steps == 0 ? step : edge / steps);
    bias = steps == 0 ? 0 : rounded(edge);
  }

  uint32_t number(float value) const {
    return static_cast<uint32_t>(std::clamp(std::nearbyint((value - bias) / scale), 0.0f, kBlockNumbers));
  }

 private:
  static float rounded(float value) { return std::bit_cast<float>(uint32_t{bfloat16_bits(value)} << 16); }
};

void read_blocks(const TensorSource& tensor, WeightReader& reader, const Rows& rows, void* to) {
  const auto& form = *tensor.form;
  const int64_t per_group = form.kind == FormKind::BlockWords ? kBlockGroup / 4 : 1;
  // A part may begin or end within a group.
  const int64_t group_begin = tensor.column_begin / per_group, group_end = (tensor.column_end + per_group - 1) / per_group;
  const Part part{rows.begin, rows.end(), group_begin * kBlockGroup, group_end * kBlockGroup};
  const auto bytes = read_part<uint8_t>(tensor, reader, 0, part);
  const Part blocks{rows.begin / form.block_rows, (rows.end() - 1) / form.block_rows + 1, part.column_begin / form.block_columns,
                    (part.column_end - 1) / form.block_columns + 1};
  const auto scales = read_float_part(tensor, reader, 1, blocks);
  std::vector<float> values(kBlockGroup);
  for (int64_t r = 0; r < rows.count; ++r) {
    const float* row_scales = scales.data() + ((rows.begin + r) / form.block_rows - blocks.row_begin) * blocks.columns();
    for (int64_t group = group_begin; group < group_end; ++group) {
      const int64_t first = group * kBlockGroup;
      for (int64_t i = 0; i < kBlockGroup; ++i) {
        values[static_cast<size_t>(i)] = float8_value(bytes[static_cast<size_t>(r * part.columns() + first - part.column_begin + i)]) *
                                         row_scales[(first + i) / form.block_columns - blocks.column_begin];
      }
      const AffineGroup affine(values.data());
      if (form.kind != FormKind::BlockWords) {
        store(form.kind == FormKind::BlockScales ? affine.scale : affine.bias, tensor.type,
              r * tensor.column_count() + group - tensor.column_begin, to);
        continue;
      }
      for (int64_t word = 0; word < per_group; ++word) {
        const int64_t column = group * per_group + word;
        if (column < tensor.column_begin || column >= tensor.column_end) continue;
        uint32_t packed = 0;
        for (int64_t i = 0; i < 4; ++i) packed |= affine.number(values[static_cast<size_t>(word * 4 + i)]) << (8 * i);
        static_cast<uint32_t*>(to)[r * tensor.column_count() + column - tensor.column_begin] = packed;
      }
    }
  }
}

}  // namespace

void read_foreign_rows(const TensorSource& tensor, WeightReader& reader, int64_t row, int64_t count, void* to) {
  const auto& form = *tensor.form;
  const Rows rows{form.first_row + tensor.row_begin + row, count};
  switch (form.kind) {
    case FormKind::Rows: return read_strided(tensor, reader, row, count, static_cast<char*>(to));
    case FormKind::Elements: return read_elements(tensor, reader, static_cast<char*>(to));
    case FormKind::Transposed:
      if (stored_bytes(tensor.type) == 4) return read_transposed(tensor, reader, rows, static_cast<uint32_t*>(to));
      return read_transposed(tensor, reader, rows, static_cast<uint16_t*>(to));
    case FormKind::AwqWords: return read_awq_words(tensor, reader, rows, static_cast<uint32_t*>(to));
    case FormKind::AwqBiases:
    case FormKind::GptqBiases: return read_transposed_biases(tensor, reader, rows, to);
    case FormKind::PackedBiases:
    case FormKind::SymmetricBiases: return read_row_biases(tensor, reader, rows, to);
    case FormKind::BlockWords:
    case FormKind::BlockScales:
    case FormKind::BlockBiases: return read_blocks(tensor, reader, rows, to);
  }
  throw std::invalid_argument("a form of tensors that the engine does not have");
}

}  // namespace exo

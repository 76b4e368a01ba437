#include "foreign_forms.h"

#include <cstring>
#include <stdexcept>
#include <vector>

#include "packed_numbers.h"
#include "requantized_rows.h"
#include "stored_bytes.h"
#include "stored_parts.h"

namespace exo {

namespace {

/// The place of each of eight outputs in AutoAWQ's words.
constexpr int32_t kAwqPlaces[8] = {0, 4, 1, 5, 2, 6, 3, 7};
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
void read_transposed(const TensorSource& tensor, WeightReader& reader, int64_t row, int64_t count, T* to) {
  const auto& form = *tensor.form;
  const int64_t first = form.first_row + (tensor.row_begin + row) * form.row_stride;
  const Part part{tensor.column_begin, tensor.column_end, first, first + (count - 1) * form.row_stride + 1};
  const auto values = read_part<T>(tensor, reader, 0, part);
  for (int64_t column = 0; column < part.rows(); ++column) {
    const T* stored = values.data() + column * part.columns();
    for (int64_t r = 0; r < count; ++r) to[r * part.rows() + column] = stored[r * form.row_stride];
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

}  // namespace

void read_foreign_rows(const TensorSource& tensor, WeightReader& reader, int64_t row, int64_t count, void* to) {
  const auto& form = *tensor.form;
  const Rows rows{form.first_row + tensor.row_begin + row, count};
  switch (form.kind) {
    case FormKind::Rows: return read_strided(tensor, reader, row, count, static_cast<char*>(to));
    case FormKind::Elements: return read_elements(tensor, reader, static_cast<char*>(to));
    case FormKind::Transposed:
      if (stored_bytes(tensor.type) == 4) return read_transposed(tensor, reader, row, count, static_cast<uint32_t*>(to));
      return read_transposed(tensor, reader, row, count, static_cast<uint16_t*>(to));
    case FormKind::AwqWords: return read_awq_words(tensor, reader, rows, static_cast<uint32_t*>(to));
    case FormKind::AwqBiases:
    case FormKind::GptqBiases: return read_transposed_biases(tensor, reader, rows, to);
    case FormKind::PackedBiases:
    case FormKind::SymmetricBiases: return read_row_biases(tensor, reader, rows, to);
    case FormKind::RequantizedWords:
    case FormKind::RequantizedScales:
    case FormKind::RequantizedBiases: return read_requantized(tensor, reader, rows, to);
  }
  throw std::invalid_argument("a form of tensors that the engine does not have");
}

}  // namespace exo

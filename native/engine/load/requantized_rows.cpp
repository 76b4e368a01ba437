#include "requantized_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "../engine_error.h"
#include "packed_numbers.h"

namespace exo {

namespace {

constexpr int64_t kGroup = 64;
constexpr float kNumbers = 255;
/// The magnitudes of 4-bit floats, and how many of them share a scale.
constexpr float kSmallFloats[8] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
constexpr int64_t kSmallGroup = 16;

/// A group in the affine format. Like MLX, it places a number exactly at 0 and one at the farther end.
struct AffineGroup {
  float scale = 0, bias = 0;

  explicit AffineGroup(const float* values) {
    const auto [low, high] = std::minmax_element(values, values + kGroup);
    const bool starts_low = std::fabs(*low) > std::fabs(*high);
    const float edge = starts_low ? *low : *high;
    const float step = std::max((*high - *low) / kNumbers, 1e-7f) * (starts_low ? 1.0f : -1.0f);
    const float steps = std::nearbyint(edge / step);
    scale = rounded(steps == 0 ? step : edge / steps);
    bias = steps == 0 ? 0 : rounded(edge);
  }

  uint32_t number(float value) const { return static_cast<uint32_t>(std::clamp(std::nearbyint((value - bias) / scale), 0.0f, kNumbers)); }

 private:
  static float rounded(float value) { return std::bit_cast<float>(uint32_t{bfloat16_bits(value)} << 16); }
};

std::vector<float> read_float8_blocks(const TensorSource& tensor, WeightReader& reader, const Part& part) {
  const auto& form = *tensor.form;
  const auto bytes = read_part<uint8_t>(tensor, reader, 0, part);
  const Part blocks{part.row_begin / form.block_rows, (part.row_end - 1) / form.block_rows + 1, part.column_begin / form.block_columns,
                    (part.column_end - 1) / form.block_columns + 1};
  const auto scales = read_float_part(tensor, reader, 1, blocks);
  std::vector<float> values(bytes.size());
  for (int64_t r = 0; r < part.rows(); ++r) {
    const float* row_scales = scales.data() + ((part.row_begin + r) / form.block_rows - blocks.row_begin) * blocks.columns();
    for (int64_t i = 0; i < part.columns(); ++i) {
      const auto at = static_cast<size_t>(r * part.columns() + i);
      values[at] = float8_value(bytes[at]) * row_scales[(part.column_begin + i) / form.block_columns - blocks.column_begin];
    }
  }
  return values;
}

/// 4-bit floats with an 8-bit float per 16 of them, and one scale for the whole tensor or for each block of rows.
std::vector<float> read_small_floats(const TensorSource& tensor, WeightReader& reader, const Part& part) {
  const auto& form = *tensor.form;
  const Part words{part.row_begin, part.row_end, part.column_begin / 8, part.column_end / 8};
  const Part groups{part.row_begin, part.row_end, part.column_begin / kSmallGroup, part.column_end / kSmallGroup};
  const auto packed = read_part<uint32_t>(tensor, reader, 0, words);
  const auto scales = read_part<uint8_t>(tensor, reader, 1, groups);
  const Part tensors{part.row_begin / form.block_rows, (part.row_end - 1) / form.block_rows + 1, 0, 1};
  const auto whole = read_float_part(tensor, reader, 2, tensors);
  std::vector<float> values(static_cast<size_t>(part.rows() * part.columns()));
  for (int64_t r = 0; r < part.rows(); ++r) {
    const float global = whole[static_cast<size_t>((part.row_begin + r) / form.block_rows - tensors.row_begin)];
    const float factor = static_cast<float>(form.factor) * (form.is_inverse ? 1 / global : global);
    for (int64_t i = 0; i < part.columns(); ++i) {
      const uint32_t number = number_at(packed.data() + r * words.columns(), i, 4);
      const float magnitude = kSmallFloats[number & 7u] * float8_value(scales[static_cast<size_t>(r * groups.columns() + i / kSmallGroup)]);
      values[static_cast<size_t>(r * part.columns() + i)] = (number & 8u ? -magnitude : magnitude) * factor;
    }
  }
  return values;
}

/// The group of each column, checked.
std::vector<uint32_t> read_order(const TensorSource& tensor, WeightReader& reader, const Part& part, int64_t groups) {
  auto order = read_part<uint32_t>(tensor, reader, tensor.form->from.size() - 1, {part.column_begin, part.column_end, 0, 1});
  for (const uint32_t group : order) {
    if (group >= groups) throw EngineError("model-damaged", "The order of " + tensor.name + " names a group that it does not have.");
  }
  return order;
}

/// GPTQ: words [inputs, outputs] pack inputs, scales are [groups, outputs], and zero points pack outputs.
std::vector<float> read_ordered_columns(const TensorSource& tensor, WeightReader& reader, const Part& part) {
  const auto& form = *tensor.form;
  const int64_t group_count = form.from.at(1).rows, zero_columns = form.from.at(2).columns, rows = part.rows();
  const int64_t first_word = part.column_begin * form.bits / 32, end_word = (part.column_end * form.bits + 31) / 32;
  const auto words = read_part<uint32_t>(tensor, reader, 0, {first_word, end_word, part.row_begin, part.row_end});
  const auto scales = read_float_part(tensor, reader, 1, {0, group_count, part.row_begin, part.row_end});
  const auto zeros = read_part<uint32_t>(tensor, reader, 2, {0, group_count, 0, zero_columns});
  const auto order = read_order(tensor, reader, part, group_count);
  std::vector<float> values(static_cast<size_t>(rows * part.columns()));
  std::vector<uint32_t> column_words(static_cast<size_t>(end_word - first_word));
  const int64_t skipped = part.column_begin - first_word * 32 / form.bits;
  for (int64_t r = 0; r < rows; ++r) {
    for (size_t word = 0; word < column_words.size(); ++word)
      column_words[word] = words[word * static_cast<size_t>(rows) + static_cast<size_t>(r)];
    for (int64_t i = 0; i < part.columns(); ++i) {
      const int64_t group = order[static_cast<size_t>(i)];
      const uint32_t zero =
          number_at(zeros.data() + group * zero_columns, part.row_begin + r, form.bits) + static_cast<uint32_t>(form.zero_offset);
      const auto number = static_cast<float>(number_at(column_words.data(), skipped + i, form.bits)) - static_cast<float>(zero);
      values[static_cast<size_t>(r * part.columns() + i)] = number * scales[static_cast<size_t>(group * rows + r)];
    }
  }
  return values;
}

/// compressed-tensors: words [outputs, inputs] pack inputs, scales are [outputs, groups], and zero points, if any, pack outputs.
std::vector<float> read_ordered_rows(const TensorSource& tensor, WeightReader& reader, const Part& part) {
  const auto& form = *tensor.form;
  const int64_t groups = form.from.at(1).columns, per_word = 32 / form.bits;
  const Part words_part{part.row_begin, part.row_end, part.column_begin / per_word, (part.column_end + per_word - 1) / per_word};
  const auto words = read_part<uint32_t>(tensor, reader, 0, words_part);
  const auto scales = read_float_part(tensor, reader, 1, {part.row_begin, part.row_end, 0, groups});
  const bool has_zeros = form.from.size() > 3;
  const Part zero_part{part.row_begin / per_word, (part.row_end + per_word - 1) / per_word, 0, groups};
  const auto zeros = has_zeros ? read_part<uint32_t>(tensor, reader, 2, zero_part) : std::vector<uint32_t>{};
  const auto order = read_order(tensor, reader, part, groups);
  std::vector<float> values(static_cast<size_t>(part.rows() * part.columns()));
  for (int64_t r = 0; r < part.rows(); ++r) {
    const int64_t output = part.row_begin + r;
    for (int64_t i = 0; i < part.columns(); ++i) {
      const int64_t group = order[static_cast<size_t>(i)];
      const uint32_t zero = has_zeros ? zeros[static_cast<size_t>((output / per_word - zero_part.row_begin) * groups + group)] >>
                                                (output % per_word * form.bits) &
                                            ((1u << form.bits) - 1)
                                      : 1u << (form.bits - 1);
      const uint32_t number = number_at(words.data() + r * words_part.columns(), part.column_begin % per_word + i, form.bits);
      values[static_cast<size_t>(r * part.columns() + i)] =
          (static_cast<float>(number) - static_cast<float>(zero)) * scales[static_cast<size_t>(r * groups + group)];
    }
  }
  return values;
}

std::vector<float> read_values(const TensorSource& tensor, WeightReader& reader, const Part& part) {
  switch (tensor.form->layout) {
    case ValueLayout::Float8Blocks: return read_float8_blocks(tensor, reader, part);
    case ValueLayout::SmallFloats: return read_small_floats(tensor, reader, part);
    case ValueLayout::OrderedColumns: return read_ordered_columns(tensor, reader, part);
    case ValueLayout::OrderedRows: return read_ordered_rows(tensor, reader, part);
  }
  throw std::invalid_argument("a layout of values that the engine does not have");
}

}  // namespace

void read_requantized(const TensorSource& tensor, WeightReader& reader, const Rows& rows, void* to) {
  const auto& form = *tensor.form;
  const bool is_words = form.kind == FormKind::RequantizedWords;
  const int64_t per_group = is_words ? kGroup / 4 : 1;
  // A part may begin or end within a group.
  const int64_t group_begin = tensor.column_begin / per_group, group_end = (tensor.column_end + per_group - 1) / per_group;
  const Part part{rows.begin, rows.end(), group_begin * kGroup, group_end * kGroup};
  const auto values = read_values(tensor, reader, part);
  for (int64_t r = 0; r < rows.count; ++r) {
    for (int64_t group = group_begin; group < group_end; ++group) {
      const float* of_group = values.data() + r * part.columns() + (group - group_begin) * kGroup;
      const AffineGroup affine(of_group);
      if (!is_words) {
        store(form.kind == FormKind::RequantizedScales ? affine.scale : affine.bias, tensor.type,
              r * tensor.column_count() + group - tensor.column_begin, to);
        continue;
      }
      for (int64_t word = 0; word < per_group; ++word) {
        const int64_t column = group * per_group + word;
        if (column < tensor.column_begin || column >= tensor.column_end) continue;
        uint32_t packed = 0;
        for (int64_t i = 0; i < 4; ++i) packed |= affine.number(of_group[word * 4 + i]) << (8 * i);
        static_cast<uint32_t*>(to)[r * tensor.column_count() + column - tensor.column_begin] = packed;
      }
    }
  }
}

}  // namespace exo

#include "packed_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../engine_error.h"
#include "half_floats.h"
#include "packed_numbers.h"
#include "stored_bytes.h"

namespace exo {

namespace {

/// How many bytes a thread reads before it packs them.
constexpr int64_t kBatchBytes = 1 << 20;

/// Packs all panels, in batches on the pool.
void for_each_batch(int64_t panels, int64_t row_bytes, ThreadPool& pool,
                    const std::function<void(int64_t panel, int64_t panel_end)>& pack) {
  const int64_t per_batch = std::max<int64_t>(1, kBatchBytes / std::max<int64_t>(1, row_bytes * kPanelRows));
  run_to_end(pool, (panels + per_batch - 1) / per_batch,
             [&](int64_t batch) { pack(batch * per_batch, std::min(panels, (batch + 1) * per_batch)); });
}

/// The values of a four-bit float (1 sign bit, 2 exponent bits, 1 mantissa bit), doubled and counted from the lowest,
/// -12. Such a float thus converts to the affine format without loss.
constexpr uint32_t kFloat4Numbers[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};
constexpr float kFloat4Zero = 12;

bool is_float4(QuantizationMode mode) { return mode == QuantizationMode::Mxfp4 || mode == QuantizationMode::Nvfp4; }

/// The narrowest packed format that holds the numbers of a quantization.
WeightFormat packed_format(const QuantizationSource& quantization) {
  const int32_t bits = is_float4(quantization.mode) ? 8 : quantization.bits;
  return bits <= 2 ? WeightFormat::Packed2 : bits <= 4 ? WeightFormat::Packed4 : WeightFormat::Packed8;
}

WeightFormat float_format(StoredType type) {
  return type == StoredType::Float16    ? WeightFormat::Float16
         : type == StoredType::BFloat16 ? WeightFormat::BFloat16
                                        : WeightFormat::Float32;
}

}  // namespace

PackedMatrix::PackedMatrix(const MatrixSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize) {
  view_.rows = source.outputs();
  view_.columns = source.inputs();
  if (source.quantization) {
    view_.group_size = source.quantization->group_size;
    const bool unpacks = dequantize || source.crop;
    view_.format = unpacks ? WeightFormat::Float32 : packed_format(*source.quantization);
    pack_quantized(source, reader, pool, unpacks);
  } else {
    view_.format = dequantize ? WeightFormat::Float32 : float_format(source.weight.type);
    pack_floats(source, reader, pool);
  }
  if (source.bias) {
    bias_ = reader.read_floats(*source.bias);
    bias_.resize(static_cast<size_t>(panels() * kPanelRows));
    resident_bytes_ += static_cast<int64_t>(bias_.size() * sizeof(float));
  }
}

void PackedMatrix::pack_floats(const MatrixSource& source, WeightReader& reader, ThreadPool& pool) {
  const int64_t columns = view_.columns, item = stored_bytes(source.weight.type);
  const bool widens = view_.format == WeightFormat::Float32;
  const int64_t held_item = widens ? 4 : 2;
  values_ = allocate_pages(panels() * columns * kPanelRows * held_item);
  resident_bytes_ += panels() * columns * kPanelRows * held_item;
  view_.values = values_.get();
  for_each_batch(panels(), columns * item, pool, [&](int64_t panel, int64_t panel_end) {
    const int64_t row = panel * kPanelRows, rows = std::min(view_.rows, panel_end * kPanelRows) - row;
    if (rows <= 0) return;
    std::vector<char> raw(static_cast<size_t>(rows * columns * item));
    reader.read_rows(source.weight, row, rows, raw.data());
    std::vector<float> floats;
    if (widens) {
      floats.resize(static_cast<size_t>(rows * columns));
      widen(raw.data(), source.weight.type, rows * columns, floats.data());
    }
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t first = (row + r) / kPanelRows * columns * kPanelRows + (row + r) % kPanelRows;
      if (widens) {
        float* to = static_cast<float*>(values_.get()) + first;
        for (int64_t k = 0; k < columns; ++k) to[k * kPanelRows] = floats[static_cast<size_t>(r * columns + k)];
      } else {
        uint16_t* to = static_cast<uint16_t*>(values_.get()) + first;
        const auto* from = reinterpret_cast<const uint16_t*>(raw.data()) + r * columns;
        for (int64_t k = 0; k < columns; ++k) to[k * kPanelRows] = from[k];
      }
    }
  });
}

void PackedMatrix::pack_quantized(const MatrixSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize) {
  const auto& quantization = *source.quantization;
  const int64_t columns = view_.columns, groups = source.stored_inputs() / view_.group_size, words_in = source.weight.column_count();
  const int64_t first_column = source.crop ? source.crop->begin : 0;
  const int64_t per_word = dequantize ? 1 : values_per_word(view_.format), words_out = columns / per_word;
  const int32_t held_bits = static_cast<int32_t>(32 / per_word);
  const int64_t value_bytes = panels() * words_out * kPanelRows * 4, group_bytes = panels() * groups * kPanelRows * 4;
  values_ = allocate_pages(value_bytes);
  resident_bytes_ += value_bytes;
  view_.values = values_.get();
  if (!dequantize) {
    scales_ = allocate_pages(group_bytes);
    biases_ = allocate_pages(group_bytes);
    resident_bytes_ += 2 * group_bytes;
    view_.scales = static_cast<const float*>(scales_.get());
    view_.biases = static_cast<const float*>(biases_.get());
  }
  const bool is_float = is_float4(quantization.mode);
  const auto number = [&](const uint32_t* words, int64_t index) {
    const uint32_t stored = number_at(words, index, quantization.bits);
    return is_float ? kFloat4Numbers[stored] : stored;
  };
  const auto read_groups = [&](const TensorSource& tensor, int64_t row, int64_t rows) {
    std::vector<char> raw(static_cast<size_t>(rows * groups * stored_bytes(tensor.type)));
    reader.read_rows(tensor, row, rows, raw.data());
    std::vector<float> floats(static_cast<size_t>(rows * groups));
    if (is_float) {
      // A scale is an 8-bit float, or a power of two, stored as its exponent plus 127. It is halved because the numbers
      // are doubled.
      const bool is_power = quantization.mode == QuantizationMode::Mxfp4;
      for (size_t i = 0; i < floats.size(); ++i) {
        const auto stored = static_cast<uint8_t>(raw[i]);
        floats[i] = is_power ? std::ldexp(1.0f, stored - 128) : 0.5f * float8_value(stored);
      }
    } else {
      widen(raw.data(), tensor.type, rows * groups, floats.data());
    }
    return floats;
  };
  const auto read_biases = [&](const std::vector<float>& scales, int64_t row, int64_t rows) {
    if (quantization.biases) return read_groups(*quantization.biases, row, rows);
    auto biases = scales;
    for (auto& bias : biases) bias *= -kFloat4Zero;
    return biases;
  };
  for_each_batch(panels(), words_in * 4, pool, [&](int64_t panel, int64_t panel_end) {
    const int64_t row = panel * kPanelRows, rows = std::min(view_.rows, panel_end * kPanelRows) - row;
    if (rows <= 0) return;
    std::vector<uint32_t> words(static_cast<size_t>(rows * words_in));
    reader.read_rows(source.weight, row, rows, words.data());
    const auto scales = read_groups(quantization.scales, row, rows), biases = read_biases(scales, row, rows);
    for (int64_t r = 0; r < rows; ++r) {
      const uint32_t* from = words.data() + r * words_in;
      const int64_t to_panel = (row + r) / kPanelRows, lane = (row + r) % kPanelRows;
      const float *row_scales = scales.data() + r * groups, *row_biases = biases.data() + r * groups;
      if (dequantize) {
        float* to = static_cast<float*>(values_.get()) + to_panel * columns * kPanelRows + lane;
        for (int64_t k = 0; k < columns; ++k) {
          const int64_t group = (first_column + k) / view_.group_size;
          to[k * kPanelRows] = __builtin_fmaf(static_cast<float>(number(from, first_column + k)), row_scales[group], row_biases[group]);
        }
        continue;
      }
      uint32_t* to = static_cast<uint32_t*>(values_.get()) + to_panel * words_out * kPanelRows + lane;
      for (int64_t word = 0; word < words_out; ++word) {
        uint32_t packed = 0;
        for (int64_t i = 0; i < per_word; ++i) packed |= number(from, word * per_word + i) << (i * held_bits);
        to[word * kPanelRows] = packed;
      }
      for (int64_t group = 0; group < groups; ++group) {
        const int64_t at = (to_panel * groups + group) * kPanelRows + lane;
        static_cast<float*>(scales_.get())[at] = row_scales[group];
        static_cast<float*>(biases_.get())[at] = row_biases[group];
      }
    }
  });
}

void PackedMatrix::copy_row(int64_t row, float* to) const {
  const int64_t panel = row / kPanelRows, lane = row % kPanelRows, columns = view_.columns;
  if (is_packed(view_.format)) {
    const int64_t per_word = values_per_word(view_.format), bits = 32 / per_word, groups = columns / view_.group_size;
    const auto* words = static_cast<const uint32_t*>(view_.values) + panel * columns / per_word * kPanelRows + lane;
    for (int64_t k = 0; k < columns; ++k) {
      const uint32_t number = words[k / per_word * kPanelRows] >> (k % per_word * bits) & ((1u << bits) - 1);
      const int64_t at = (panel * groups + k / view_.group_size) * kPanelRows + lane;
      to[k] = __builtin_fmaf(static_cast<float>(number), view_.scales[at], view_.biases[at]);
    }
  } else if (view_.format == WeightFormat::Float32) {
    const float* from = static_cast<const float*>(view_.values) + panel * columns * kPanelRows + lane;
    for (int64_t k = 0; k < columns; ++k) to[k] = from[k * kPanelRows];
  } else {
    const uint16_t* from = static_cast<const uint16_t*>(view_.values) + panel * columns * kPanelRows + lane;
    const auto type = view_.format == WeightFormat::Float16 ? StoredType::Float16 : StoredType::BFloat16;
    for (int64_t k = 0; k < columns; ++k) widen(from + k * kPanelRows, type, 1, to + k);
  }
}

}  // namespace exo

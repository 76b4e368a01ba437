#pragma once

#include <cstdint>
#include <vector>

namespace exo {

/// Weights, keys and values are stored in panels of this many rows, so that one vector load serves 16 outputs.
inline constexpr int64_t kPanelRows = 16;

/// How the numbers of a weight are stored. `PackedN`: N bits per number, with a scale and a bias per group.
enum class WeightFormat : int { Float32, Float16, BFloat16, Packed2, Packed4, Packed8 };

/// How many numbers of a packed format fit in a 32-bit word.
constexpr int64_t values_per_word(WeightFormat format) {
  return format == WeightFormat::Packed2 ? 16 : format == WeightFormat::Packed4 ? 8 : 4;
}

constexpr bool is_packed(WeightFormat format) { return format >= WeightFormat::Packed2; }

/// Matrices are padded with zeros to a multiple of this many rows, because the kernels process pairs of panels.
inline constexpr int64_t kPaddedRows = 2 * kPanelRows;

constexpr int64_t panels_for(int64_t rows) { return (rows + kPaddedRows - 1) / kPaddedRows * 2; }

/// A weight [rows, columns], stored in `panels_for(rows)` panels.
struct PanelView {
  WeightFormat format;
  /// Floats: [panels][columns][16]. Packed: words [panels][columns / values_per_word][16].
  const void* values;
  /// [panels][columns / group_size][16]; null for floats.
  const float* scales;
  const float* biases;
  int64_t rows;
  int64_t columns;
  int64_t group_size;
};

/// y = x * weight^T (+ bias) (+ residual); x [x_rows, columns], y [x_rows, rows]. y may be the residual itself.
///
/// Each output is one chain of fused multiply-adds over ascending columns, regardless of the number of rows of x, the
/// number of threads and whether weights are packed. So a row's result never depends on the other rows.
struct Product {
  PanelView weight;
  const float* x;
  int64_t x_stride;
  int64_t x_rows;
  float* y;
  int64_t y_stride;
  /// [panels_for(rows) * 16], or null.
  const float* bias;
  /// With the same stride as y, or null.
  const float* residual;
};

/// Attention of query rows that have the same key-value head.
struct Attention {
  /// [rows, key_dim], scaled and rotated.
  const float* queries;
  int64_t rows;
  /// The position of each row in its sequence. A row sees the positions up to and including its own.
  const int32_t* positions;
  /// For each page: keys [page_tokens / 16][key_dim][16] and values [page_tokens][value_stride] of this head, in
  /// float32 or, if `is_half`, in bfloat16.
  const void* const* key_pages;
  const void* const* value_pages;
  bool is_half;
  int64_t page_tokens;
  int64_t key_dim;
  int64_t value_dim;
  /// value_dim rounded up to 16.
  int64_t value_stride;
  /// How many positions a row sees, including its own; 0: all.
  int64_t window;
  /// Soft cap: a score s becomes cap * tanh(s / cap). 0: no cap.
  float soft_cap;
  /// A logit per row that is part of the softmax but has no value; null: none.
  const float* sinks;
  /// The result of row r, value_dim numbers, is written to outputs[r].
  float* const* outputs;
};

/// One token of a delta net's head, in this order: state *= decay; state += key * strength * (value - state^T key);
/// result = state^T query.
struct DeltaStep {
  /// [key_dim][value_dim]
  float* state;
  const float* query;
  const float* key;
  const float* value;
  int64_t key_dim;
  int64_t value_dim;
  float decay;
  float strength;
  /// [value_dim]; overwritten.
  float* scratch;
  /// [value_dim]
  float* result;
};

/// The kernels of one instruction set. Each runs on the calling thread only.
struct Kernels {
  const char* name;
  /// Computes the outputs of panels [panel_begin, panel_end), both even, for all rows of x.
  void (*product)(const Product& product, int64_t panel_begin, int64_t panel_end);
  void (*attention)(const Attention& attention);
  /// The rows that `attention` processes at once: a good number of rows per task.
  int64_t attention_rows;
  /// y = x / rms(x) * weight over `size` numbers. If weight is null, it is 1.
  void (*rms_norm)(const float* x, const float* weight, float* y, int64_t size, float epsilon);
  /// y = silu(gate) * up.
  void (*silu_multiply)(const float* gate, const float* up, float* y, int64_t size);
  /// y = exp((x - maximum) * factor).
  void (*exponentials)(const float* x, float* y, int64_t size, float maximum, float factor);
  /// The natural logarithm of the sum of exp(x).
  float (*log_sum_exp)(const float* x, int64_t size);
  void (*delta_step)(const DeltaStep& step);
};

/// The kernels that this machine can run, fastest first.
std::vector<const Kernels*> supported_kernels();
const Kernels& host_kernels();

}  // namespace exo

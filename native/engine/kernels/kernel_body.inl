// The kernels, compiled once per instruction set: EXO_ISA is the namespace, EXO_LANES the number of floats in a vector.
// They are plain C++ on compiler vectors without standard templates. Otherwise the linker could replace the portable
// version of an inline function by one that was compiled for a newer instruction set.

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

namespace exo::EXO_ISA {
namespace {

constexpr int kLanes = EXO_LANES;
/// Vectors per panel row.
constexpr int kVectors = kPanelRows / kLanes;
/// Panels and rows of x in one register tile. The number of panels of a matrix is even.
constexpr int kTilePanels = kLanes == 16 ? 2 : 1;
constexpr int kTileRows = kLanes == 16 ? 12 : kLanes == 8 ? 6 : 4;
/// The most rows of x in one pass that unpacks packed weights in registers, and the most such passes that are cheaper
/// than unpacking to a buffer of floats.
constexpr int kDirectRows = kLanes == 16 ? 8 : 4;
constexpr int kDirectPasses = kLanes == 8 ? 2 : 1;
/// Up to this many rows have too few sums to hide the latency of a multiply-add, so twice as many panels are processed at once.
constexpr int kFewRows = kLanes == 16 ? 4 : kLanes == 8 ? 2 : 1;
/// How far ahead packed weights are fetched, in words per row: far enough to hide the latency of memory.
constexpr int kWordsAhead = 16;
constexpr int kGroupsAhead = 4;

typedef float Floats __attribute__((vector_size(kLanes * 4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * 4)));
typedef uint32_t Words __attribute__((vector_size(kLanes * 4)));
typedef float FloatsAnywhere __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef uint32_t WordsAnywhere __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef uint16_t HalvesAnywhere __attribute__((vector_size(kLanes * 2), aligned(2), may_alias));

#define EXO_INLINE inline __attribute__((always_inline))

EXO_INLINE Floats load(const float* from) { return *reinterpret_cast<const FloatsAnywhere*>(from); }
/// Widens bfloat16.
EXO_INLINE Floats load(const uint16_t* from) {
  return reinterpret_cast<Floats>(__builtin_convertvector(*reinterpret_cast<const HalvesAnywhere*>(from), Words) << 16);
}
EXO_INLINE Words load_words(const uint32_t* from) { return *reinterpret_cast<const WordsAnywhere*>(from); }
EXO_INLINE void store(float* to, Floats value) { *reinterpret_cast<FloatsAnywhere*>(to) = value; }
EXO_INLINE Floats all(float value) { return Floats{} + value; }
EXO_INLINE Floats to_floats(Words words) { return __builtin_convertvector(reinterpret_cast<Ints>(words), Floats); }

/// The lowest bits of each word as a number.
template <int BITS>
EXO_INLINE Floats lowest_bits(Words words) {
  constexpr uint32_t kMask = (1u << BITS) - 1;
#if EXO_LANES == 16 && defined(__GNUC__) && !defined(__clang__)
  // A table lookup takes one instruction and ignores all but the lowest four bits of an index.
  if constexpr (BITS <= 4) {
    Floats table;
    for (uint32_t i = 0; i < 16; ++i) table[i] = static_cast<float>(i & kMask);
    return __builtin_shuffle(table, reinterpret_cast<Ints>(words));
  }
#endif
  return to_floats(words & kMask);
}

EXO_INLINE float horizontal_sum(Floats value) {
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += value[lane];
  return sum;
}

EXO_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }

/// exp with a relative error of about 1e-7; below -87 the smallest normal number.
EXO_INLINE Floats exponential(Floats x) {
  x = x < all(-87.0f) ? all(-87.0f) : x;
  x = x > all(88.0f) ? all(88.0f) : x;
  const Floats rounder = all(12582912.0f);
  const Floats power = (x * 1.44269504f + rounder) - rounder;
  Floats r = power * -0.693359375f + x;
  r = power * 2.12194440e-4f + r;
  Floats p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const Ints exponent = (__builtin_convertvector(power, Ints) + 127) << 23;
  return p * reinterpret_cast<Floats>(exponent);
}

/// A buffer of this thread. It grows and is reused.
class Scratch {
 public:
  float* need(int64_t floats) {
    if (floats > capacity_) {
      free(data_);
      void* memory = nullptr;
      if (posix_memalign(&memory, 64, static_cast<size_t>(floats) * sizeof(float)) != 0) abort();
      data_ = static_cast<float*>(memory);
      capacity_ = floats;
    }
    return data_;
  }
  ~Scratch() { free(data_); }

 private:
  float* data_ = nullptr;
  int64_t capacity_ = 0;
};

thread_local Scratch weight_scratch;
thread_local Scratch score_scratch;
thread_local Scratch output_scratch;

template <int P, int R>
struct Tile {
  Floats sums[P * kVectors][R];
};

/// sums += x[R][count] * w[count][16], for P panels of numbers N.
template <int P, int R, typename N>
EXO_INLINE void multiply(Tile<P, R>& tile, const N* w, int64_t panel_stride, int64_t k_stride, const float* x, int64_t x_stride,
                         int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    Floats weights[P * kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < P * kVectors; ++v) weights[v] = load(w + (v / kVectors) * panel_stride + k * k_stride + (v % kVectors) * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const Floats value = all(x[r * x_stride + k]);
#pragma GCC unroll 8
      for (int v = 0; v < P * kVectors; ++v) tile.sums[v][r] = value * weights[v] + tile.sums[v][r];
    }
  }
}

/// The same for packed weights, which are unpacked in registers.
template <int BITS, int P, int R>
EXO_INLINE void multiply_packed(Tile<P, R>& tile, const PanelView& weight, int64_t panel, const float* x, int64_t x_stride) {
  constexpr int kPerWord = 32 / BITS;
  const int64_t words_per_panel = weight.columns / kPerWord * kPanelRows;
  const int64_t groups = weight.columns / weight.group_size;
  const int64_t words_per_group = weight.group_size / kPerWord;
  const uint32_t* words = static_cast<const uint32_t*>(weight.values) + panel * words_per_panel;
  const float* scales = weight.scales + panel * groups * kPanelRows;
  const float* biases = weight.biases + panel * groups * kPanelRows;
  for (int64_t group = 0; group < groups; ++group) {
    Floats scale[P * kVectors], bias[P * kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < P * kVectors; ++v) {
      const int64_t at = ((v / kVectors) * groups + group) * kPanelRows + (v % kVectors) * kLanes;
      scale[v] = load(scales + at);
      bias[v] = load(biases + at);
      __builtin_prefetch(scales + at + kGroupsAhead * kPanelRows);
      __builtin_prefetch(biases + at + kGroupsAhead * kPanelRows);
    }
    for (int64_t word = 0; word < words_per_group; ++word) {
      Words packed[P * kVectors];
#pragma GCC unroll 8
      for (int v = 0; v < P * kVectors; ++v) {
        const uint32_t* from =
            words + (v / kVectors) * words_per_panel + (group * words_per_group + word) * kPanelRows + (v % kVectors) * kLanes;
        packed[v] = load_words(from);
        __builtin_prefetch(from + kWordsAhead * kPanelRows);
      }
      const float* xs = x + (group * words_per_group + word) * kPerWord;
#pragma GCC unroll 16
      for (int i = 0; i < kPerWord; ++i) {
        Floats weights[P * kVectors];
#pragma GCC unroll 8
        for (int v = 0; v < P * kVectors; ++v) weights[v] = lowest_bits<BITS>(packed[v] >> (i * BITS)) * scale[v] + bias[v];
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
          const Floats value = all(xs[r * x_stride + i]);
#pragma GCC unroll 8
          for (int v = 0; v < P * kVectors; ++v) tile.sums[v][r] = value * weights[v] + tile.sums[v][r];
        }
      }
    }
  }
}

/// Unpacks one panel to floats [columns][16], with the arithmetic of `multiply_packed`.
template <int BITS>
void unpack_panel(const PanelView& weight, int64_t panel, float* to) {
  constexpr int kPerWord = 32 / BITS;
  const int64_t groups = weight.columns / weight.group_size;
  const int64_t words_per_group = weight.group_size / kPerWord;
  const uint32_t* words = static_cast<const uint32_t*>(weight.values) + panel * (weight.columns / kPerWord) * kPanelRows;
  for (int64_t group = 0; group < groups; ++group) {
    for (int v = 0; v < kVectors; ++v) {
      const int64_t at = (panel * groups + group) * kPanelRows + v * kLanes;
      const Floats scale = load(weight.scales + at), bias = load(weight.biases + at);
      for (int64_t word = 0; word < words_per_group; ++word) {
        const int64_t index = group * words_per_group + word;
        const Words packed = load_words(words + index * kPanelRows + v * kLanes);
#pragma GCC unroll 16
        for (int i = 0; i < kPerWord; ++i) {
          store(to + (index * kPerWord + i) * kPanelRows + v * kLanes, lowest_bits<BITS>(packed >> (i * BITS)) * scale + bias);
        }
      }
    }
  }
}

void widen_panel(const PanelView& weight, int64_t panel, float* to) {
  const uint16_t* from = static_cast<const uint16_t*>(weight.values) + panel * weight.columns * kPanelRows;
  const bool is_bfloat = weight.format == WeightFormat::BFloat16;
  for (int64_t i = 0; i < weight.columns * kPanelRows; i += kLanes) {
    const Words bits = __builtin_convertvector(*reinterpret_cast<const HalvesAnywhere*>(from + i), Words);
    if (is_bfloat) {
      store(to + i, reinterpret_cast<Floats>(bits << 16));
    } else {
      // Multiplying changes the exponent's bias from 15 to 127 and is correct for subnormal numbers, too.
      const Floats magnitude = reinterpret_cast<Floats>((bits & 0x7fffu) << 13) * 0x1p112f;
      store(to + i, reinterpret_cast<Floats>(reinterpret_cast<Words>(magnitude) | ((bits & 0x8000u) << 16)));
    }
  }
}

/// Panels [panel, panel + count) as floats: converted to this thread's buffer, or in place if they are floats already.
const float* float_panels(const PanelView& weight, int64_t panel, int64_t count) {
  const int64_t panel_floats = weight.columns * kPanelRows;
  if (weight.format == WeightFormat::Float32) return static_cast<const float*>(weight.values) + panel * panel_floats;
  float* buffer = weight_scratch.need(count * panel_floats);
  for (int64_t i = 0; i < count; ++i) {
    float* to = buffer + i * panel_floats;
    switch (weight.format) {
      case WeightFormat::Packed2: unpack_panel<2>(weight, panel + i, to); break;
      case WeightFormat::Packed4: unpack_panel<4>(weight, panel + i, to); break;
      case WeightFormat::Packed8: unpack_panel<8>(weight, panel + i, to); break;
      case WeightFormat::Float32:
      case WeightFormat::Float16:
      case WeightFormat::BFloat16: widen_panel(weight, panel + i, to); break;
    }
  }
  return buffer;
}

template <int P, int R>
EXO_INLINE void finish(const Tile<P, R>& tile, const Product& product, int64_t panel, int64_t row) {
#pragma GCC unroll 8
  for (int v = 0; v < P * kVectors; ++v) {
    const int64_t column = (panel + v / kVectors) * kPanelRows + (v % kVectors) * kLanes;
    const int64_t valid = product.weight.rows - column;
    const Floats bias = product.bias ? load(product.bias + column) : Floats{};
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const int64_t at = (row + r) * product.y_stride + column;
      Floats value = tile.sums[v][r] + bias;
      if (valid >= kLanes) {
        if (product.residual) value += load(product.residual + at);
        store(product.y + at, value);
      } else {
        for (int64_t lane = 0; lane < valid; ++lane) {
          product.y[at + lane] = value[lane] + (product.residual ? product.residual[at + lane] : 0.0f);
        }
      }
    }
  }
}

template <int P, int R>
void float_tile(const Product& product, const float* panels, int64_t panel, int64_t row) {
  Tile<P, R> tile{};
  const int64_t columns = product.weight.columns;
  multiply<P, R>(tile, panels, columns * kPanelRows, kPanelRows, product.x + row * product.x_stride, product.x_stride, columns);
  finish<P, R>(tile, product, panel, row);
}

template <int BITS, int P, int R>
void packed_tile(const Product& product, int64_t panel, int64_t row) {
  Tile<P, R> tile{};
  multiply_packed<BITS, P, R>(tile, product.weight, panel, product.x + row * product.x_stride, product.x_stride);
  finish<P, R>(tile, product, panel, row);
}

/// The number of rows in the next tile, at most `most`. Tiles are as equal as possible, because a tile with few rows
/// costs nearly as much as a full one.
EXO_INLINE int64_t tile_rows(int64_t rows_left, int64_t most) {
  const int64_t tiles = (rows_left + most - 1) / most;
  return (rows_left + tiles - 1) / tiles;
}

template <int P, int R>
EXO_INLINE void float_rows(const Product& product, const float* panels, int64_t panel, int64_t row, int64_t rows) {
  if constexpr (R > 0) {
    if (rows == R) float_tile<P, R>(product, panels, panel, row);
    else float_rows<P, R - 1>(product, panels, panel, row, rows);
  }
}

template <int BITS, int P, int R>
EXO_INLINE void packed_rows(const Product& product, int64_t panel, int64_t row, int64_t rows) {
  if constexpr (R > 0) {
    if (rows == R) packed_tile<BITS, P, R>(product, panel, row);
    else packed_rows<BITS, P, R - 1>(product, panel, row, rows);
  }
}

template <int BITS>
void packed_product(const Product& product, int64_t panel, int64_t panel_end) {
  if (product.x_rows <= kFewRows) {
    for (; panel + 2 * kTilePanels <= panel_end; panel += 2 * kTilePanels) {
      packed_rows<BITS, 2 * kTilePanels, kFewRows>(product, panel, 0, product.x_rows);
    }
  }
  for (; panel < panel_end; panel += kTilePanels) {
    for (int64_t row = 0, rows; row < product.x_rows; row += rows) {
      rows = tile_rows(product.x_rows - row, kDirectRows);
      packed_rows<BITS, kTilePanels, kDirectRows>(product, panel, row, rows);
    }
  }
}

void product(const Product& product, int64_t panel, int64_t panel_end) {
  if (product.x_rows <= kDirectRows * kDirectPasses) {
    switch (product.weight.format) {
      case WeightFormat::Packed2: return packed_product<2>(product, panel, panel_end);
      case WeightFormat::Packed4: return packed_product<4>(product, panel, panel_end);
      case WeightFormat::Packed8: return packed_product<8>(product, panel, panel_end);
      case WeightFormat::Float32:
      case WeightFormat::Float16:
      case WeightFormat::BFloat16: break;
    }
  }
  if (product.x_rows == 1) {
    for (; panel + 2 * kTilePanels <= panel_end; panel += 2 * kTilePanels) {
      float_tile<2 * kTilePanels, 1>(product, float_panels(product.weight, panel, 2 * kTilePanels), panel, 0);
    }
  }
  for (; panel < panel_end; panel += kTilePanels) {
    const float* panels = float_panels(product.weight, panel, kTilePanels);
    for (int64_t row = 0, rows; row < product.x_rows; row += rows) {
      rows = tile_rows(product.x_rows - row, kTileRows);
      float_rows<kTilePanels, kTileRows>(product, panels, panel, row, rows);
    }
  }
}

/// Panels processed at once for R rows: enough sums to hide the latency of a multiply-add, but no more than fit in
/// registers.
template <int R>
constexpr int kPanelsAtOnce = R * kVectors * 4 <= (kLanes == 16 ? 24 : 12) ? 4 : R * kVectors * 2 <= (kLanes == 16 ? 24 : 12) ? 2 : 1;

/// Computes scores[R][tokens from `token`] for P panels of 16 tokens.
template <int P, int R, typename N>
EXO_INLINE void score_panels(const Attention& attention, const N* keys, float* scores, int64_t score_stride, int64_t token) {
  const int64_t panel_stride = attention.key_dim * kPanelRows;
  Tile<P, R> tile{};
  const N* panels = keys + token / kPanelRows * panel_stride;
  multiply<P, R>(tile, panels, panel_stride, kPanelRows, attention.queries, attention.key_dim, attention.key_dim);
  for (int v = 0; v < P * kVectors; ++v) {
    for (int r = 0; r < R; ++r) store(scores + r * score_stride + token + v * kLanes, tile.sums[v][r]);
  }
}

/// Computes scores[R][tokens of one page], 16 tokens per panel.
template <int R, typename N>
EXO_INLINE void score_page(const Attention& attention, const N* keys, float* scores, int64_t score_stride, int64_t tokens) {
  constexpr int P = kPanelsAtOnce<R>;
  int64_t token = 0;
  for (; token + P * kPanelRows <= tokens; token += P * kPanelRows) score_panels<P, R>(attention, keys, scores, score_stride, token);
  for (; token < tokens; token += kPanelRows) score_panels<1, R>(attention, keys, scores, score_stride, token);
}

/// outputs[R][P panels from `column`] += weights[R][tokens] * values[tokens][the same columns].
template <int P, int R, typename N>
EXO_INLINE void mix_panels(const Attention& attention, const N* values, const float* weights, int64_t weight_stride,
                           int64_t tokens, float* outputs, int64_t column) {
  Tile<P, R> tile;
  for (int v = 0; v < P * kVectors; ++v) {
    for (int r = 0; r < R; ++r) tile.sums[v][r] = load(outputs + r * attention.value_stride + column + v * kLanes);
  }
  multiply<P, R>(tile, values + column, kPanelRows, attention.value_stride, weights, weight_stride, tokens);
  for (int v = 0; v < P * kVectors; ++v) {
    for (int r = 0; r < R; ++r) store(outputs + r * attention.value_stride + column + v * kLanes, tile.sums[v][r]);
  }
}

/// outputs[R][value_stride] += weights[R][tokens] * values[tokens][value_stride].
template <int R, typename N>
EXO_INLINE void mix_page(const Attention& attention, const N* values, const float* weights, int64_t weight_stride,
                         int64_t tokens, float* outputs) {
  constexpr int P = kPanelsAtOnce<R>;
  int64_t column = 0;
  for (; column + P * kPanelRows <= attention.value_stride; column += P * kPanelRows) {
    mix_panels<P, R>(attention, values, weights, weight_stride, tokens, outputs, column);
  }
  for (; column < attention.value_stride; column += kPanelRows) {
    mix_panels<1, R>(attention, values, weights, weight_stride, tokens, outputs, column);
  }
}

/// Replaces row r's scores by softmax weights. Positions outside the row's sight get 0.
void softmax_row(const Attention& attention, int64_t r, float* scores, int64_t first, int64_t end) {
  const int64_t position = attention.positions[r];
  const int64_t seen_end = position + 1;
  const int64_t seen_begin = attention.window > 0 && seen_end > attention.window ? seen_end - attention.window : 0;
  if (attention.soft_cap > 0) {
    for (int64_t t = first; t < seen_end; ++t) scores[t - first] = attention.soft_cap * tanhf(scores[t - first] / attention.soft_cap);
  }
  for (int64_t t = first; t < seen_begin; ++t) scores[t - first] = -INFINITY;
  for (int64_t t = seen_end; t < end; ++t) scores[t - first] = -INFINITY;
  Floats largest = all(attention.sinks ? attention.sinks[r] : -INFINITY);
  for (int64_t i = 0; i < end - first; i += kLanes) largest = larger(largest, load(scores + i));
  float maximum = largest[0];
  for (int lane = 1; lane < kLanes; ++lane) maximum = largest[lane] > maximum ? largest[lane] : maximum;
  Floats sums{};
  for (int64_t i = 0; i < end - first; i += kLanes) {
    const Floats score = load(scores + i);
    const Floats weight = score == all(-INFINITY) ? Floats{} : exponential(score - maximum);
    store(scores + i, weight);
    sums += weight;
  }
  float sum = horizontal_sum(sums);
  if (attention.sinks) sum += expf(attention.sinks[r] - maximum);
  const Floats inverse = all(1.0f / sum);
  for (int64_t i = 0; i < end - first; i += kLanes) store(scores + i, load(scores + i) * inverse);
}

template <int R, typename N>
void attend(const Attention& attention) {
  int64_t end = 0, begin = attention.positions[0];
  for (int r = 0; r < R; ++r) {
    end = attention.positions[r] + 1 > end ? attention.positions[r] + 1 : end;
    begin = attention.positions[r] < begin ? attention.positions[r] : begin;
  }
  begin = attention.window > 0 && begin + 1 > attention.window ? begin + 1 - attention.window : 0;
  const int64_t page_tokens = attention.page_tokens;
  const int64_t first_page = begin / page_tokens;
  const int64_t first = first_page * page_tokens;
  const int64_t padded_end = (end + kPanelRows - 1) / kPanelRows * kPanelRows;
  const int64_t score_stride = padded_end - first;
  float* scores = score_scratch.need(R * score_stride);
  float* outputs = output_scratch.need(R * attention.value_stride);
  memset(outputs, 0, static_cast<size_t>(R * attention.value_stride) * sizeof(float));

  const auto tokens_in = [&](int64_t page, int64_t limit) {
    const int64_t left = limit - page * page_tokens;
    return left < page_tokens ? left : page_tokens;
  };
  for (int64_t page = first_page; page * page_tokens < end; ++page) {
    const N* keys = static_cast<const N*>(attention.key_pages[page]);
    score_page<R>(attention, keys, scores + page * page_tokens - first, score_stride, tokens_in(page, padded_end));
  }
  for (int r = 0; r < R; ++r) softmax_row(attention, r, scores + r * score_stride, first, padded_end);
  for (int64_t page = first_page; page * page_tokens < end; ++page) {
    const N* values = static_cast<const N*>(attention.value_pages[page]);
    mix_page<R>(attention, values, scores + page * page_tokens - first, score_stride, tokens_in(page, end), outputs);
  }
  const auto row_bytes = static_cast<size_t>(attention.value_dim) * sizeof(float);
  for (int r = 0; r < R; ++r) memcpy(attention.outputs[r], outputs + r * attention.value_stride, row_bytes);
}

/// Processes all rows with the largest tile that fits, then with smaller ones.
template <int R, typename N>
void attend_rows(Attention attention) {
  if constexpr (R > 0) {
    for (; attention.rows >= R; attention.rows -= R) {
      attend<R, N>(attention);
      attention.queries += R * attention.key_dim;
      attention.positions += R;
      attention.outputs += R;
      if (attention.sinks) attention.sinks += R;
    }
    // The sizes are 12, 8, 4 or 6, 4, then 3, 2, 1.
    attend_rows<(R > 4 ? (R == 6 ? 4 : R - 4) : R - 1), N>(attention);
  }
}

void attention(const Attention& attention) {
  if (attention.is_half) attend_rows<kTileRows, uint16_t>(attention);
  else attend_rows<kTileRows, float>(attention);
}

void rms_norm(const float* x, const float* weight, float* y, int64_t size, float epsilon) {
  Floats squares{};
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    const Floats value = load(x + i);
    squares = value * value + squares;
  }
  float sum = horizontal_sum(squares);
  for (; i < size; ++i) sum += x[i] * x[i];
  const float factor = 1.0f / sqrtf(sum / static_cast<float>(size) + epsilon);
  if (weight) {
    for (i = 0; i < size; ++i) y[i] = x[i] * factor * weight[i];
  } else {
    for (i = 0; i < size; ++i) y[i] = x[i] * factor;
  }
}

EXO_INLINE Floats silu(Floats x) { return x / (exponential(-x) + 1.0f); }

void silu_multiply(const float* gate, const float* up, float* y, int64_t size) {
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) store(y + i, silu(load(gate + i)) * load(up + i));
  for (; i < size; ++i) y[i] = silu(all(gate[i]))[0] * up[i];
}

void exponentials(const float* x, float* y, int64_t size, float maximum, float factor) {
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) store(y + i, exponential((load(x + i) - maximum) * factor));
  for (; i < size; ++i) y[i] = exponential(all((x[i] - maximum) * factor))[0];
}

float log_sum_exp(const float* x, int64_t size) {
  float maximum = -INFINITY;
  for (int64_t i = 0; i < size; ++i) maximum = x[i] > maximum ? x[i] : maximum;
  Floats sums{};
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) sums += exponential(load(x + i) - maximum);
  float sum = horizontal_sum(sums);
  for (; i < size; ++i) sum += expf(x[i] - maximum);
  return maximum + logf(sum);
}

void delta_step(const DeltaStep& step) {
  const int64_t size = step.value_dim;
  for (int64_t i = 0; i < size; ++i) step.scratch[i] = step.result[i] = 0;
  for (int64_t k = 0; k < step.key_dim; ++k) {
    float* state = step.state + k * size;
    const float decay = step.decay, key = step.key[k];
    int64_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
      const Floats faded = load(state + i) * decay;
      store(state + i, faded);
      store(step.scratch + i, load(step.scratch + i) + faded * key);
    }
    for (; i < size; ++i) {
      state[i] *= decay;
      step.scratch[i] += state[i] * key;
    }
  }
  for (int64_t i = 0; i < size; ++i) step.scratch[i] = (step.value[i] - step.scratch[i]) * step.strength;
  for (int64_t k = 0; k < step.key_dim; ++k) {
    float* state = step.state + k * size;
    const float key = step.key[k], query = step.query[k];
    int64_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
      const Floats corrected = load(state + i) + load(step.scratch + i) * key;
      store(state + i, corrected);
      store(step.result + i, load(step.result + i) + corrected * query);
    }
    for (; i < size; ++i) {
      state[i] += step.scratch[i] * key;
      step.result[i] += state[i] * query;
    }
  }
}

}  // namespace

extern const Kernels kernels;
const Kernels kernels{EXO_ISA_NAME, product, attention, kTileRows, rms_norm, silu_multiply, exponentials, log_sum_exp, delta_step};

}  // namespace exo::EXO_ISA

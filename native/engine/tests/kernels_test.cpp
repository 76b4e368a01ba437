#include "../kernels/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "test.h"

using namespace exo;

namespace {

std::mt19937 random_bits(11);

std::vector<float> random_floats(int64_t count) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) value = normal(random_bits);
  return values;
}

/// A weight in panels and its plain values.
struct Weight {
  PanelView view;
  std::vector<float> plain;
  std::vector<uint32_t> words;
  std::vector<float> floats, scales, biases;
};

Weight random_weight(WeightFormat format, int64_t rows, int64_t columns, int64_t group) {
  Weight weight;
  const int64_t panels = panels_for(rows);
  weight.plain.assign(static_cast<size_t>(panels * kPanelRows * columns), 0);
  weight.view = {format, nullptr, nullptr, nullptr, rows, columns, group};
  if (format == WeightFormat::Float32) {
    weight.floats.assign(weight.plain.size(), 0);
    const auto values = random_floats(rows * columns);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        const float value = values[static_cast<size_t>(row * columns + column)];
        weight.plain[static_cast<size_t>(row * columns + column)] = value;
        weight.floats[static_cast<size_t>((row / kPanelRows * columns + column) * kPanelRows + row % kPanelRows)] = value;
      }
    }
    weight.view.values = weight.floats.data();
    return weight;
  }
  const int64_t per_word = values_per_word(format), bits = 32 / per_word, groups = columns / group;
  weight.words.resize(static_cast<size_t>(panels * columns / per_word * kPanelRows));
  for (auto& word : weight.words) word = static_cast<uint32_t>(random_bits());
  weight.scales = random_floats(panels * groups * kPanelRows);
  weight.biases = random_floats(panels * groups * kPanelRows);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      const int64_t panel = row / kPanelRows, lane = row % kPanelRows;
      const uint32_t word = weight.words[static_cast<size_t>((panel * columns / per_word + column / per_word) * kPanelRows + lane)];
      const auto number = static_cast<float>(word >> (column % per_word * bits) & ((1u << bits) - 1));
      const auto at = static_cast<size_t>((panel * groups + column / group) * kPanelRows + lane);
      weight.plain[static_cast<size_t>(row * columns + column)] = number * weight.scales[at] + weight.biases[at];
    }
  }
  weight.view.values = weight.words.data();
  weight.view.scales = weight.scales.data();
  weight.view.biases = weight.biases.data();
  return weight;
}

std::vector<float> multiply(const Kernels& kernels, const Weight& weight, const std::vector<float>& x, int64_t x_rows, const float* bias,
                            const float* residual) {
  std::vector<float> y(static_cast<size_t>(x_rows * weight.view.rows));
  const Product product{weight.view, x.data(), weight.view.columns, x_rows, y.data(), weight.view.rows, bias, residual};
  // Computed in two parts, as by two threads.
  const int64_t panels = panels_for(weight.view.rows), middle = panels / 4 * 2;
  kernels.product(product, middle, panels);
  kernels.product(product, 0, middle);
  return y;
}

}  // namespace

TEST("products are right for every instruction set, format, number of rows and ragged size") {
  for (const auto* kernels : supported_kernels()) {
    for (const auto format : {WeightFormat::Float32, WeightFormat::Packed2, WeightFormat::Packed4, WeightFormat::Packed8}) {
      for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 32}, {75, 96}, {130, 192}}) {
        const auto weight = random_weight(format, rows, columns, 32);
        const auto bias = random_floats(panels_for(rows) * kPanelRows);
        for (const int64_t x_rows : {1, 2, 3, 7, 8, 9, 13, 30}) {
          const auto x = random_floats(x_rows * columns), residual = random_floats(x_rows * rows);
          const auto y = multiply(*kernels, weight, x, x_rows, bias.data(), residual.data());
          for (int64_t r = 0; r < x_rows; ++r) {
            for (int64_t output = 0; output < rows; ++output) {
              double expected = bias[static_cast<size_t>(output)] + double(residual[static_cast<size_t>(r * rows + output)]), size = 1;
              for (int64_t k = 0; k < columns; ++k) {
                const double term =
                    double(x[static_cast<size_t>(r * columns + k)]) * weight.plain[static_cast<size_t>(output * columns + k)];
                expected += term;
                size += std::abs(term);
              }
              CHECK(std::abs(y[static_cast<size_t>(r * rows + output)] - expected) < 2e-6 * size);
            }
          }
        }
      }
    }
  }
}

TEST("a row's product is the same to the bit alone and among others") {
  for (const auto* kernels : supported_kernels()) {
    for (const auto format : {WeightFormat::Float32, WeightFormat::Packed4}) {
      const auto weight = random_weight(format, 70, 96, 32);
      const auto x = random_floats(40 * 96);
      const auto together = multiply(*kernels, weight, x, 40, nullptr, nullptr);
      for (const int64_t count : {1, 2, 5, 8, 11}) {
        for (int64_t first = 0; first + count <= 40; first += count) {
          const std::vector<float> part(x.begin() + first * 96, x.begin() + (first + count) * 96);
          const auto alone = multiply(*kernels, weight, part, count, nullptr, nullptr);
          CHECK(std::equal(alone.begin(), alone.end(), together.begin() + first * 70));
        }
      }
    }
  }
}

TEST("packed weights give to the bit what the same weights give as floats") {
  for (const auto* kernels : supported_kernels()) {
    if (std::string(kernels->name) == "portable") continue;  // without fused multiply-add, unpacking itself may round differently
    for (const auto format : {WeightFormat::Packed2, WeightFormat::Packed4, WeightFormat::Packed8}) {
      auto packed = random_weight(format, 48, 64, 32);
      Weight floats = packed;
      floats.floats.resize(packed.plain.size());
      const int64_t per_word = values_per_word(format), bits = 32 / per_word;
      for (int64_t row = 0; row < 48; ++row) {
        for (int64_t column = 0; column < 64; ++column) {
          const int64_t panel = row / kPanelRows, lane = row % kPanelRows;
          const uint32_t word = packed.words[static_cast<size_t>((panel * 64 / per_word + column / per_word) * kPanelRows + lane)];
          const auto at = static_cast<size_t>((panel * 2 + column / 32) * kPanelRows + lane);
          const auto number = static_cast<float>(word >> (column % per_word * bits) & ((1u << bits) - 1));
          floats.floats[static_cast<size_t>((panel * 64 + column) * kPanelRows + lane)] =
              std::fma(number, packed.scales[at], packed.biases[at]);
        }
      }
      floats.view = {WeightFormat::Float32, floats.floats.data(), nullptr, nullptr, 48, 64, 0};
      for (const int64_t x_rows : {1, 6, 20}) {
        const auto x = random_floats(x_rows * 64);
        CHECK(multiply(*kernels, packed, x, x_rows, nullptr, nullptr) == multiply(*kernels, floats, x, x_rows, nullptr, nullptr));
      }
    }
  }
}

TEST("half floats are widened exactly, subnormals included") {
  for (const auto* kernels : supported_kernels()) {
    for (const auto& [format, bits, expected] : {std::tuple{WeightFormat::Float16, 0x3c00, 1.0f},
                                                 {WeightFormat::Float16, 0xc100, -2.5f},
                                                 {WeightFormat::Float16, 0x0001, 0x1p-24f},
                                                 {WeightFormat::Float16, 0x7bff, 65504.0f},
                                                 {WeightFormat::BFloat16, 0x3f80, 1.0f},
                                                 {WeightFormat::BFloat16, 0xc020, -2.5f}}) {
      const std::vector<uint16_t> values(kPaddedRows, static_cast<uint16_t>(bits));
      const float one = 1;
      std::vector<float> y(kPaddedRows);
      kernels->product({{format, values.data(), nullptr, nullptr, kPaddedRows, 1, 0}, &one, 1, 1, y.data(), kPaddedRows, nullptr, nullptr},
                       0, 2);
      for (const float value : y) CHECK_EQUAL(value, expected);
    }
  }
}

namespace {

using Pages = std::vector<std::vector<float>>;

/// Cuts each number to one that bfloat16 has.
std::vector<float> cut(std::vector<float> numbers) {
  for (auto& number : numbers) number = std::bit_cast<float>(std::bit_cast<uint32_t>(number) & 0xffff0000u);
  return numbers;
}

std::vector<std::vector<uint16_t>> halves_of(const Pages& pages) {
  std::vector<std::vector<uint16_t>> halves;
  for (const auto& page : pages) {
    for (halves.emplace_back(); const float number : page) {
      halves.back().push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(number) >> 16));
    }
  }
  return halves;
}

/// A sequence's keys and values, both in pages and plain.
struct Sequence {
  int64_t tokens, key_dim, value_dim, page_tokens = 32, value_stride;
  bool is_half;
  std::vector<float> keys, values;
  Pages key_pages, value_pages;
  std::vector<std::vector<uint16_t>> key_halves, value_halves;
  std::vector<const void*> key_pointers, value_pointers;

  Sequence(int64_t tokens_, int64_t key_dim_, int64_t value_dim_, bool is_half_ = false)
      : tokens(tokens_),
        key_dim(key_dim_),
        value_dim(value_dim_),
        value_stride((value_dim_ + 15) / 16 * 16),
        is_half(is_half_),
        keys(cut(random_floats(tokens_ * key_dim_))),
        values(cut(random_floats(tokens_ * value_dim_))) {
    const int64_t pages = (tokens + page_tokens - 1) / page_tokens;
    key_pages.assign(static_cast<size_t>(pages), std::vector<float>(static_cast<size_t>(page_tokens * key_dim)));
    value_pages.assign(static_cast<size_t>(pages), std::vector<float>(static_cast<size_t>(page_tokens * value_stride)));
    for (int64_t t = 0; t < tokens; ++t) {
      const int64_t page = t / page_tokens, within = t % page_tokens;
      for (int64_t d = 0; d < key_dim; ++d)
        key_pages[static_cast<size_t>(page)][static_cast<size_t>((within / 16 * key_dim + d) * 16 + within % 16)] =
            keys[static_cast<size_t>(t * key_dim + d)];
      for (int64_t d = 0; d < value_dim; ++d)
        value_pages[static_cast<size_t>(page)][static_cast<size_t>(within * value_stride + d)] =
            values[static_cast<size_t>(t * value_dim + d)];
    }
    key_halves = halves_of(key_pages), value_halves = halves_of(value_pages);
    for (size_t page = 0; page < key_pages.size(); ++page) {
      key_pointers.push_back(is_half ? static_cast<const void*>(key_halves[page].data()) : key_pages[page].data());
      value_pointers.push_back(is_half ? static_cast<const void*>(value_halves[page].data()) : value_pages[page].data());
    }
  }

  std::vector<float> attend(const Kernels& kernels, const std::vector<float>& queries, const std::vector<int32_t>& positions,
                            int64_t window, const float* sinks) const {
    std::vector<float> out(positions.size() * static_cast<size_t>(value_dim));
    std::vector<float*> rows;
    for (size_t r = 0; r < positions.size(); ++r) rows.push_back(out.data() + r * static_cast<size_t>(value_dim));
    kernels.attention({queries.data(), static_cast<int64_t>(positions.size()), positions.data(), key_pointers.data(), value_pointers.data(),
                       is_half, page_tokens, key_dim, value_dim, value_stride, window, 0, sinks, rows.data()});
    return out;
  }
};

}  // namespace

TEST("attention is right over pages, windows, sinks and odd dimensions") {
  for (const auto* kernels : supported_kernels()) {
    for (const auto& [key_dim, value_dim] : {std::pair<int64_t, int64_t>{64, 64}, {10, 10}, {24, 40}}) {
      const Sequence sequence(100, key_dim, value_dim);
      for (const int64_t window : {0, 1, 37}) {
        for (const bool has_sinks : {false, true}) {
          const std::vector<int32_t> positions{99, 0, 31, 32, 98, 97, 5};
          const auto queries = random_floats(static_cast<int64_t>(positions.size()) * key_dim);
          const auto sinks = random_floats(static_cast<int64_t>(positions.size()));
          const auto out = sequence.attend(*kernels, queries, positions, window, has_sinks ? sinks.data() : nullptr);
          for (size_t r = 0; r < positions.size(); ++r) {
            const int64_t end = positions[r] + 1, begin = window > 0 ? std::max<int64_t>(0, end - window) : 0;
            std::vector<double> expected(static_cast<size_t>(value_dim));
            double sum = has_sinks ? std::exp(double(sinks[r])) : 0;
            for (int64_t t = begin; t < end; ++t) {
              double score = 0;
              for (int64_t d = 0; d < key_dim; ++d)
                score += double(queries[r * static_cast<size_t>(key_dim) + static_cast<size_t>(d)]) *
                         sequence.keys[static_cast<size_t>(t * key_dim + d)];
              sum += std::exp(score);
              for (int64_t d = 0; d < value_dim; ++d)
                expected[static_cast<size_t>(d)] += std::exp(score) * sequence.values[static_cast<size_t>(t * value_dim + d)];
            }
            for (int64_t d = 0; d < value_dim; ++d) {
              CHECK(std::abs(out[r * static_cast<size_t>(value_dim) + static_cast<size_t>(d)] - expected[static_cast<size_t>(d)] / sum) <
                    2e-5);
            }
          }
        }
      }
    }
  }
}

TEST("a row's attention is the same to the bit alone and among others") {
  for (const auto* kernels : supported_kernels()) {
    const Sequence sequence(90, 20, 20);
    const std::vector<int32_t> positions{60, 61, 62};
    const auto queries = random_floats(3 * 20);
    for (const int64_t window : {0, 25}) {
      const auto together = sequence.attend(*kernels, queries, positions, window, nullptr);
      for (size_t r = 0; r < 3; ++r) {
        const std::vector<float> query(queries.begin() + static_cast<ptrdiff_t>(r) * 20,
                                       queries.begin() + static_cast<ptrdiff_t>(r + 1) * 20);
        const auto alone = sequence.attend(*kernels, query, {positions[r]}, window, nullptr);
        CHECK(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<ptrdiff_t>(r) * 20));
      }
    }
  }
}

TEST("attention over bfloat16 is to the bit that over the same numbers in float32") {
  for (const auto* kernels : supported_kernels()) {
    for (const int64_t dim : {20, 64}) {
      const Sequence half(90, dim, dim, true);
      Sequence wide = half;
      for (size_t page = 0; page < wide.key_pages.size(); ++page) {
        wide.key_pointers[page] = wide.key_pages[page].data(), wide.value_pointers[page] = wide.value_pages[page].data();
      }
      wide.is_half = false;
      const std::vector<int32_t> positions{89, 3, 61, 62, 17};
      const auto queries = random_floats(static_cast<int64_t>(positions.size()) * dim);
      for (const int64_t window : {0, 25}) {
        CHECK(half.attend(*kernels, queries, positions, window, nullptr) == wide.attend(*kernels, queries, positions, window, nullptr));
      }
    }
  }
}

TEST("norms, gates and exponentials are right at every size") {
  for (const auto* kernels : supported_kernels()) {
    for (const int64_t size : {1, 5, 16, 75, 130}) {
      const auto x = random_floats(size), weight = random_floats(size);
      std::vector<float> y(static_cast<size_t>(size));
      kernels->rms_norm(x.data(), weight.data(), y.data(), size, 1e-5f);
      double squares = 0, exponentials = 0;
      for (const float value : x) squares += double(value) * value, exponentials += std::exp(double(value));
      for (size_t i = 0; i < x.size(); ++i) CHECK(std::abs(y[i] - x[i] * weight[i] / std::sqrt(squares / double(size) + 1e-5)) < 1e-5);
      kernels->silu_multiply(x.data(), weight.data(), y.data(), size);
      for (size_t i = 0; i < x.size(); ++i) CHECK(std::abs(y[i] - x[i] / (1 + std::exp(-double(x[i]))) * weight[i]) < 1e-5);
      kernels->exponentials(x.data(), y.data(), size, 4.0f, 0.5f);
      for (size_t i = 0; i < x.size(); ++i) CHECK(std::abs(y[i] - std::exp((double(x[i]) - 4) * 0.5)) < 1e-6);
      CHECK(std::abs(kernels->log_sum_exp(x.data(), size) - std::log(exponentials)) < 1e-5);
    }
  }
}

TEST("a delta net's step fades, corrects and reads a head's matrix") {
  for (const auto* kernels : supported_kernels()) {
    for (const int64_t value_dim : {1, 7, 16, 40}) {
      const int64_t key_dim = 5;
      const auto key = random_floats(key_dim), query = random_floats(key_dim), value = random_floats(value_dim);
      auto state = random_floats(key_dim * value_dim);
      const auto before = state;
      const float decay = 0.7f, strength = 0.4f;
      std::vector<float> scratch(static_cast<size_t>(value_dim)), result(static_cast<size_t>(value_dim));
      kernels->delta_step(
          {state.data(), query.data(), key.data(), value.data(), key_dim, value_dim, decay, strength, scratch.data(), result.data()});
      for (size_t v = 0; v < value.size(); ++v) {
        const auto at = [&](size_t k) { return k * value.size() + v; };
        double known = 0, expected = 0;
        for (size_t k = 0; k < key.size(); ++k) known += double(before[at(k)]) * decay * key[k];
        for (size_t k = 0; k < key.size(); ++k) {
          const double after = double(before[at(k)]) * decay + key[k] * strength * (value[v] - known);
          CHECK(std::abs(state[at(k)] - after) < 1e-5);
          expected += after * query[k];
        }
        CHECK(std::abs(result[v] - expected) < 1e-5);
      }
    }
  }
}

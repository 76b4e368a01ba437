#include "../load/packed_matrix.h"

#include <cmath>
#include <random>
#include <string>

#include "../engine_error.h"
#include "test_file.h"

using namespace exo;
using test::append;
using test::tensor;
using test::TestFile;

TEST("weights of every width come out of their files as they went in, whole and in parts") {
  constexpr int64_t kRows = 37, kColumns = 128, kGroup = 32;
  std::mt19937 random(4);
  ThreadPool pool(2);
  for (const int32_t bits : {2, 3, 4, 5, 6, 8}) {
    std::vector<uint32_t> words(static_cast<size_t>(kRows * kColumns * bits / 32));
    std::vector<float> expected(static_cast<size_t>(kRows * kColumns)), scales, biases;
    for (int64_t i = 0; i < kRows * kColumns / kGroup; ++i) {
      scales.push_back(0.01f * static_cast<float>(1 + random() % 100));
      biases.push_back(-0.5f + 0.01f * static_cast<float>(random() % 100));
    }
    for (int64_t i = 0; i < kRows * kColumns; ++i) {
      const uint32_t number = random() % (1u << bits);
      // Numbers are contiguous, lowest bits first, and may cross the ends of words.
      for (int32_t bit = 0; bit < bits; ++bit) {
        const int64_t at = i % kColumns * bits + bit;
        if (number >> bit & 1) words[static_cast<size_t>(i / kColumns * kColumns * bits / 32 + at / 32)] |= 1u << (at % 32);
      }
      expected[static_cast<size_t>(i)] =
          std::fma(static_cast<float>(number), scales[static_cast<size_t>(i / kGroup)], biases[static_cast<size_t>(i / kGroup)]);
    }
    std::vector<char> bytes;
    MatrixSource source;
    source.weight = tensor(StoredType::Uint32, append(bytes, words), kRows, kColumns * bits / 32);
    source.quantization = QuantizationSource{QuantizationMode::Affine, bits, kGroup,
                                             tensor(StoredType::Float32, append(bytes, scales), kRows, kColumns / kGroup),
                                             tensor(StoredType::Float32, append(bytes, biases), kRows, kColumns / kGroup)};
    const TestFile file(bytes);
    WeightReader reader({file.path()}, nullptr);
    for (const bool dequantize : {false, true}) {
      const PackedMatrix whole(source, reader, pool, dequantize);
      std::vector<float> row(kColumns);
      for (int64_t r = 0; r < kRows; ++r) {
        whole.copy_row(r, row.data());
        CHECK(std::equal(row.begin(), row.end(), expected.begin() + r * kColumns));
      }
      auto part_source = source;
      for (auto* part : {&part_source.weight, &part_source.quantization->scales, &*part_source.quantization->biases}) {
        part->row_begin = 5, part->row_end = 30;
        part->column_begin = part->columns / 2, part->column_end = part->columns;
      }
      const PackedMatrix part(part_source, reader, pool, dequantize);
      for (int64_t r = 0; r < 25; ++r) {
        part.copy_row(r, row.data());
        CHECK(std::equal(row.begin(), row.begin() + kColumns / 2, expected.begin() + (r + 5) * kColumns + kColumns / 2));
      }
    }
  }
}

TEST("four-bit floats come out of their file exactly") {
  constexpr size_t kColumns = 64;
  const std::vector<float> magnitudes{0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  std::vector<uint32_t> words(kColumns / 8);
  for (size_t i = 0; i < kColumns; ++i) words[i / 8] |= static_cast<uint32_t>(i % 16) << (i % 8 * 4);
  struct Case {
    QuantizationMode mode;
    std::vector<uint8_t> stored;
    std::vector<float> scales;
  };
  // Powers of two plus 127, and 8-bit floats: 1, 1.75, the smallest one, the largest one.
  const Case cases[] = {{QuantizationMode::Mxfp4, {127, 120}, {1, 1.0f / 128}},
                        {QuantizationMode::Nvfp4, {0x38, 0x3e, 0x01, 0x7e}, {1, 1.75f, 1.0f / 512, 448}}};
  for (const auto& [mode, stored, scales] : cases) {
    const size_t group = kColumns / stored.size();
    std::vector<char> bytes;
    MatrixSource source;
    source.weight = tensor(StoredType::Uint32, append(bytes, words), 1, kColumns / 8);
    source.quantization =
        QuantizationSource{mode, 4, static_cast<int32_t>(group),
                           tensor(StoredType::Uint8, append(bytes, stored), 1, static_cast<int64_t>(stored.size())), std::nullopt};
    const TestFile file(bytes);
    WeightReader reader({file.path()}, nullptr);
    ThreadPool pool(2);
    for (const bool dequantize : {false, true}) {
      const PackedMatrix matrix(source, reader, pool, dequantize);
      std::vector<float> row(kColumns);
      matrix.copy_row(0, row.data());
      for (size_t i = 0; i < kColumns; ++i) {
        const float magnitude = magnitudes[i % 8] * scales[i / group];
        CHECK_EQUAL(row[i], i % 16 < 8 ? magnitude : -magnitude);
      }
    }
  }
}

TEST("a file that ends within a tensor is damaged, and the error names both") {
  std::vector<char> bytes;
  MatrixSource source;
  source.weight = tensor(StoredType::Float32, append(bytes, std::vector<float>(100)), 16, 64);
  const TestFile file(bytes);
  WeightReader reader({file.path()}, nullptr);
  ThreadPool pool(2);
  try {
    const PackedMatrix matrix(source, reader, pool, false);
    CHECK(false);
  } catch (const EngineError& error) {
    CHECK_EQUAL(error.code(), "model-damaged");
    const std::string message = error.what();
    CHECK(message.find("tensor w") != std::string::npos && message.find(file.path()) != std::string::npos);
  }
}

#include "../load/packed_matrix.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include <unistd.h>

#include "../engine_error.h"
#include "test.h"

using namespace exo;

namespace {

/// A file of a test, gone with it.
class TestFile {
 public:
  explicit TestFile(const std::vector<char>& content) : path_("/tmp/exo-engine-test-" + std::to_string(::getpid())) {
    FILE* file = std::fopen(path_.c_str(), "wb");
    CHECK(file != nullptr);
    const size_t written = std::fwrite(content.data(), 1, content.size(), file);
    std::fclose(file);
    CHECK_EQUAL(written, content.size());
  }
  ~TestFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TensorSource tensor(StoredType type, int64_t offset, int64_t rows, int64_t columns) { return {"w", 0, offset, type, columns, 0, rows, 0, columns}; }

template <typename T>
int64_t append(std::vector<char>& bytes, const std::vector<T>& values) {
  const auto offset = static_cast<int64_t>(bytes.size());
  bytes.resize(bytes.size() + values.size() * sizeof(T));
  std::memcpy(bytes.data() + offset, values.data(), values.size() * sizeof(T));
  return offset;
}

}  // namespace

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
      // Numbers lie one after the other, the lowest bits first, over the ends of words too.
      for (int32_t bit = 0; bit < bits; ++bit) {
        const int64_t at = i % kColumns * bits + bit;
        if (number >> bit & 1) words[static_cast<size_t>(i / kColumns * kColumns * bits / 32 + at / 32)] |= 1u << (at % 32);
      }
      expected[static_cast<size_t>(i)] = std::fma(static_cast<float>(number), scales[static_cast<size_t>(i / kGroup)], biases[static_cast<size_t>(i / kGroup)]);
    }
    std::vector<char> bytes;
    MatrixSource source;
    source.weight = tensor(StoredType::Uint32, append(bytes, words), kRows, kColumns * bits / 32);
    source.quantization = QuantizationSource{QuantizationMode::Affine, bits, kGroup, tensor(StoredType::Float32, append(bytes, scales), kRows, kColumns / kGroup),
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

#pragma once

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <unistd.h>

#include "../load/weight_source.h"
#include "test.h"

namespace exo::test {

/// A test file, deleted with this object.
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

inline TensorSource tensor(StoredType type, int64_t offset, int64_t rows, int64_t columns) {
  return {"w", 0, offset, type, columns, 0, rows, 0, columns, std::nullopt};
}

/// @returns the offset of the first value
template <typename T>
int64_t append(std::vector<char>& bytes, const std::vector<T>& values) {
  const auto offset = static_cast<int64_t>(bytes.size());
  bytes.resize(bytes.size() + values.size() * sizeof(T));
  std::memcpy(bytes.data() + offset, values.data(), values.size() * sizeof(T));
  return offset;
}

}  // namespace exo::test

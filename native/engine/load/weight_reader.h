#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weight_source.h"

namespace exo {

/// Reads the parts of tensors that a shard needs straight from the files, so that nothing is in memory twice.
/// Reading is safe from several threads.
class WeightReader {
 public:
  /// @throws EngineError `model-damaged` when a file cannot be opened
  WeightReader(std::vector<std::string> files, std::function<void(int64_t loaded_bytes)> on_progress);
  ~WeightReader();
  WeightReader(const WeightReader&) = delete;
  WeightReader& operator=(const WeightReader&) = delete;

  /// Rows [row, row + count) of the wanted part, packed one after the other, as they are stored.
  /// @throws EngineError `model-damaged` that names tensor and file when the file is too short
  void read_rows(const TensorSource& tensor, int64_t row, int64_t count, void* to);

  /// The whole wanted part as floats.
  std::vector<float> read_floats(const TensorSource& tensor);

 private:
  void read_parts(const TensorSource& tensor, int64_t row, int64_t count, char* to);
  void read(const TensorSource& tensor, int64_t offset, int64_t bytes, char* to);

  struct File;
  std::vector<std::unique_ptr<File>> files_;
  std::function<void(int64_t)> on_progress_;
  std::atomic<int64_t> loaded_bytes_{0};
};

/// Numbers of a float type as float32.
void widen(const void* from, StoredType type, int64_t count, float* to);

}  // namespace exo

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weight_source.h"

namespace exo {

/// Reads the parts of tensors that a shard needs directly from the files, without a second copy in memory. It may be
/// used from several threads.
class WeightReader {
 public:
  /// @throws EngineError `model-damaged` if a file cannot be opened
  WeightReader(std::vector<std::string> files, std::function<void(int64_t loaded_bytes)> on_progress);
  ~WeightReader();
  WeightReader(const WeightReader&) = delete;
  WeightReader& operator=(const WeightReader&) = delete;

  /// Reads rows [row, row + count) of the needed part, contiguous and in the tensor's type.
  /// @throws EngineError `model-damaged` with the names of the tensor and the file if the file is too short
  void read_rows(const TensorSource& tensor, int64_t row, int64_t count, void* to);

  /// Reads the whole needed part and converts it to floats.
  std::vector<float> read_floats(const TensorSource& tensor);

  /// Rows [row, row + count) of the wanted part as floats.
  void read_floats(const TensorSource& tensor, int64_t row, int64_t count, float* to);

  /// Reads the whole needed part of a tensor as it lies in the file. It does not count as loaded.
  void read_stored(const TensorSource& tensor, void* to);

 private:
  void read_stored_rows(const TensorSource& tensor, int64_t row, int64_t count, char* to);
  void read_parts(const TensorSource& tensor, int64_t row, int64_t count, char* to);
  void read(const TensorSource& tensor, int64_t offset, int64_t bytes, char* to);

  struct File;
  std::vector<std::unique_ptr<File>> files_;
  std::function<void(int64_t)> on_progress_;
  std::atomic<int64_t> loaded_bytes_{0};
};

/// Converts numbers of a float type to float32.
void widen(const void* from, StoredType type, int64_t count, float* to);

}  // namespace exo

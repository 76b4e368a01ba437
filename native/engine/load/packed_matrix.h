#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "weight_reader.h"

namespace exo {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

/// Zeroed memory on a cache line. @throws EngineError `out-of-memory`
std::unique_ptr<void, FreeMemory> allocate_aligned(int64_t bytes);

/// A weight in the kernels' panel layout.
class PackedMatrix {
 public:
  /// Reads and packs a few rows at a time.
  /// @param dequantize hold every format as float32
  PackedMatrix(const MatrixSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize);

  const PanelView& view() const { return view_; }
  /// [panels * 16], or null.
  const float* bias() const { return bias_.empty() ? nullptr : bias_.data(); }
  int64_t panels() const { return panels_for(view_.rows); }
  int64_t resident_bytes() const { return resident_bytes_; }

  /// One row [columns] as floats: an embedding.
  void copy_row(int64_t row, float* to) const;

 private:
  void pack_floats(const MatrixSource& source, WeightReader& reader, ThreadPool& pool);
  void pack_quantized(const MatrixSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize);

  PanelView view_{};
  std::unique_ptr<void, FreeMemory> values_;
  std::unique_ptr<void, FreeMemory> scales_;
  std::unique_ptr<void, FreeMemory> biases_;
  std::vector<float> bias_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

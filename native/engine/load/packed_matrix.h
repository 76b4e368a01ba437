#pragma once

#include <memory>
#include <vector>

#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "page_memory.h"
#include "weight_reader.h"

namespace exo {

/// A weight in the kernels' panel layout.
class PackedMatrix {
 public:
  /// Reads and packs the weight a few rows at a time.
  /// @param dequantize whether to store every format as float32
  PackedMatrix(const MatrixSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize);

  const PanelView& view() const { return view_; }
  /// [panels * 16], or null.
  const float* bias() const { return bias_.empty() ? nullptr : bias_.data(); }
  int64_t panels() const { return panels_for(view_.rows); }
  int64_t resident_bytes() const { return resident_bytes_; }

  /// Returns one row [columns] as floats, for embeddings.
  void copy_row(int64_t row, float* to) const;

 private:
  void pack_floats(const MatrixSource& source, WeightReader& reader, ThreadPool& pool);
  void pack_quantized(const MatrixSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize);

  PanelView view_{};
  PageMemory values_;
  PageMemory scales_;
  PageMemory biases_;
  std::vector<float> bias_;
  int64_t resident_bytes_ = 0;
};

}  // namespace exo

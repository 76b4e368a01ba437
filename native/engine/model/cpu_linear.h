#pragma once

#include <memory>
#include <vector>

#include "../kernels/kernels.h"
#include "../kernels/thread_pool.h"
#include "../load/packed_matrix.h"
#include "../load/weight_reader.h"

namespace exo {

/// Matrices over the same inputs, their outputs side by side.
class CpuLinear {
 public:
  CpuLinear(const LinearSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize);
  /// A view of a matrix that belongs to another.
  CpuLinear(const PackedMatrix& matrix, ThreadPool& pool);

  /// y [rows, outputs] of x [rows, columns], plus the residual [rows, outputs] or null; y may be the residual itself.
  void multiply(const float* x, int64_t rows, float* y, const float* residual) const;

  int64_t outputs() const { return outputs_; }
  /// Of the matrices that are its own.
  int64_t resident_bytes() const;

 private:
  const Kernels& kernels_ = host_kernels();
  ThreadPool& pool_;
  std::vector<std::unique_ptr<PackedMatrix>> owned_;
  std::vector<const PackedMatrix*> parts_;
  int64_t outputs_ = 0;
};

}  // namespace exo

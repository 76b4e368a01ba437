#pragma once

#include <memory>
#include <vector>

#include "../../kernels/kernels.h"
#include "../../kernels/thread_pool.h"
#include "../../load/packed_matrix.h"
#include "../../load/weight_reader.h"

namespace exo {

/// Matrices with the same input. Their outputs are concatenated.
class CpuLinear {
 public:
  /// y [rows, outputs] = x [rows, columns] * weights^T + residual [rows, outputs]. The residual may be null or y
  /// itself.
  struct Product {
    const CpuLinear* linear;
    const float* x;
    int64_t rows;
    float* y;
    const float* residual;
  };

  CpuLinear(const LinearSource& source, WeightReader& reader, ThreadPool& pool, bool dequantize);
  /// A view of a matrix with another owner, which must outlive it.
  CpuLinear(const PackedMatrix& matrix, ThreadPool& pool);

  void multiply(const float* x, int64_t rows, float* y, const float* residual) const {
    multiply_all({{this, x, rows, y, residual}}, pool_);
  }
  /// Computes independent products on all threads.
  static void multiply_all(const std::vector<Product>& products, ThreadPool& pool);

  int64_t outputs() const { return outputs_; }
  /// Bytes of the matrices that it owns.
  int64_t resident_bytes() const;

 private:
  ThreadPool& pool_;
  std::vector<std::unique_ptr<PackedMatrix>> owned_;
  std::vector<const PackedMatrix*> parts_;
  int64_t outputs_ = 0;
};

}  // namespace exo

#pragma once

#include <mlx/mlx.h>

#include <optional>
#include <string>
#include <vector>

#include "../../../kernels/thread_pool.h"
#include "../../../load/weight_reader.h"

namespace exo {

/// The format of a weight's numbers. Float weights have no scales.
struct ArrayFormat {
  std::optional<mlx::core::array> scales, biases;
  int group_size = 0, bits = 0;
  std::string mode = "affine";
};

/// A weight [outputs, inputs] in MLX's layout.
struct ArrayMatrix {
  mlx::core::array weight;
  ArrayFormat format;
  std::optional<mlx::core::array> bias;

  mlx::core::array multiply(const mlx::core::array& x) const;
  /// Returns rows of an embedding.
  mlx::core::array rows(const mlx::core::array& indices, mlx::core::Dtype type) const;
};

/// Weights with the same input. Their outputs are concatenated.
struct ArrayLinear {
  std::vector<ArrayMatrix> parts;

  mlx::core::array multiply(const mlx::core::array& x) const;
};

/// One weight per expert or per head: [experts, outputs, inputs].
struct ArrayStack {
  mlx::core::array weight;
  ArrayFormat format;
  /// [experts, 1, outputs]
  std::optional<mlx::core::array> bias;

  /// @param x [..., 1, inputs]
  /// @param indices [...] the expert of each row
  mlx::core::array multiply(const mlx::core::array& x, const mlx::core::array& indices, bool is_sorted) const;
  /// Multiplies each matrix by its own rows.
  /// @param x [1, experts or 1, rows, inputs]
  /// @param transposed from inputs to outputs, as in a linear layer; otherwise from outputs to inputs
  mlx::core::array multiply_each(const mlx::core::array& x, bool transposed) const;
};

/// Loads weights as arrays on all threads of the pool: packed numbers as stored, floats in the type of the computation.
class ArrayLoader {
 public:
  ArrayLoader(WeightReader& reader, ThreadPool& pool, mlx::core::Dtype type) : reader_(reader), pool_(pool), type_(type) {}

  mlx::core::array vector(const TensorSource& source) { return vector(source, type_); }
  /// Loads a vector in another type.
  mlx::core::array vector(const TensorSource& source, mlx::core::Dtype type);
  ArrayMatrix matrix(const MatrixSource& source) { return matrix(source, type_); }
  /// Loads floats in another type.
  ArrayMatrix matrix(const MatrixSource& source, mlx::core::Dtype type);
  ArrayLinear linear(const LinearSource& source);
  ArrayStack stack(const std::vector<MatrixSource>& sources) { return stack(sources, type_); }
  ArrayStack stack(const std::vector<MatrixSource>& sources, mlx::core::Dtype type);
  int64_t resident_bytes() const { return resident_bytes_; }
  mlx::core::Dtype type() const { return type_; }

 private:
  /// Stacks tensors of the same shape into one array [count, rows, columns].
  mlx::core::array stacked(const std::vector<const TensorSource*>& sources, mlx::core::Dtype float_type);

  WeightReader& reader_;
  ThreadPool& pool_;
  mlx::core::Dtype type_;
  int64_t resident_bytes_ = 0;
};

mlx::core::Dtype dtype_of(StoredType type);

}  // namespace exo

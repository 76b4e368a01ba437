#pragma once

#include <mlx/mlx.h>

#include <optional>
#include <string>
#include <vector>

#include "../../load/weight_reader.h"

namespace exo {

/// How a weight's numbers are held; floats without scales.
struct ArrayFormat {
  std::optional<mlx::core::array> scales, biases;
  int group_size = 0, bits = 0;
  std::string mode = "affine";
};

/// A weight [outputs, inputs] in MLX's own layout.
struct ArrayMatrix {
  mlx::core::array weight;
  ArrayFormat format;
  std::optional<mlx::core::array> bias;

  mlx::core::array multiply(const mlx::core::array& x) const;
  /// Rows of an embedding.
  mlx::core::array rows(const mlx::core::array& indices, mlx::core::Dtype type) const;
};

/// Weights that read the same input; their outputs lie side by side.
struct ArrayLinear {
  std::vector<ArrayMatrix> parts;

  mlx::core::array multiply(const mlx::core::array& x) const;
};

/// A weight per expert, or per head, [experts, outputs, inputs].
struct ArrayStack {
  mlx::core::array weight;
  ArrayFormat format;
  /// [experts, 1, outputs]
  std::optional<mlx::core::array> bias;

  /// @param x [..., 1, inputs]; indices [...] of each row's expert
  mlx::core::array multiply(const mlx::core::array& x, const mlx::core::array& indices, bool is_sorted) const;
  /// Every matrix with rows of its own. @param x [1, experts or 1, rows, inputs]
  /// @param transposed as a linear layer does, from inputs to outputs; else from outputs to inputs
  mlx::core::array multiply_each(const mlx::core::array& x, bool transposed) const;
};

/// Reads weights into arrays: packed numbers as they are stored, floats in the type that is computed in.
class ArrayLoader {
 public:
  ArrayLoader(WeightReader& reader, mlx::core::Dtype type) : reader_(reader), type_(type) {}

  mlx::core::array vector(const TensorSource& source) { return vector(source, type_); }
  /// In a type of its own.
  mlx::core::array vector(const TensorSource& source, mlx::core::Dtype type);
  ArrayMatrix matrix(const MatrixSource& source);
  ArrayLinear linear(const LinearSource& source);
  ArrayStack stack(const std::vector<MatrixSource>& sources);
  int64_t resident_bytes() const { return resident_bytes_; }

 private:
  /// Tensors of one shape in one array [count, rows, columns].
  mlx::core::array stacked(const std::vector<const TensorSource*>& sources, mlx::core::Dtype float_type);

  WeightReader& reader_;
  mlx::core::Dtype type_;
  int64_t resident_bytes_ = 0;
};

mlx::core::Dtype dtype_of(StoredType type);

}  // namespace exo

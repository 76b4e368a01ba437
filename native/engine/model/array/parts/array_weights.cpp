#include "array_weights.h"

#include <algorithm>

namespace mx = mlx::core;

namespace exo {

namespace {

/// Bytes that one thread reads at a time: a disk answers several such reads at once.
constexpr int64_t kBatchBytes = 4 << 20;

int as_int(int64_t value) { return static_cast<int>(value); }

bool is_float(StoredType type) { return type != StoredType::Uint32 && type != StoredType::Uint8; }

const char* mode_name(QuantizationMode mode) {
  switch (mode) {
    case QuantizationMode::Affine: return "affine";
    case QuantizationMode::Mxfp4: return "mxfp4";
    case QuantizationMode::Mxfp8: return "mxfp8";
    case QuantizationMode::Nvfp4: return "nvfp4";
  }
  throw std::invalid_argument("a quantization mode that the array path does not have");
}

mx::array dequantized(const mx::array& weight, const ArrayFormat& format, mx::Dtype type) {
  return mx::dequantize(weight, *format.scales, format.biases, format.group_size, format.bits, format.mode, std::nullopt, type);
}

bool is_alike(const ArrayMatrix& a, const ArrayMatrix& b) {
  return a.weight.dtype() == b.weight.dtype() && a.weight.shape(1) == b.weight.shape(1) && a.format.mode == b.format.mode &&
         a.format.bits == b.format.bits && a.format.group_size == b.format.group_size &&
         a.format.biases.has_value() == b.format.biases.has_value() && a.bias.has_value() == b.bias.has_value();
}

/// One matrix with the rows of all parts, so that a single product suffices. The parts have the same format and width.
ArrayMatrix joined(const std::vector<ArrayMatrix>& parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<mx::array> made;
  const auto all = [&](auto pick) {
    std::vector<mx::array> of_parts;
    for (const auto& part : parts) of_parts.push_back(pick(part));
    made.push_back(mx::concatenate(std::move(of_parts), 0));
    return made.back();
  };
  ArrayMatrix matrix{all([](const ArrayMatrix& part) { return part.weight; }), parts[0].format, std::nullopt};
  if (matrix.format.scales) matrix.format.scales = all([](const ArrayMatrix& part) { return *part.format.scales; });
  if (matrix.format.biases) matrix.format.biases = all([](const ArrayMatrix& part) { return *part.format.biases; });
  if (parts[0].bias) matrix.bias = all([](const ArrayMatrix& part) { return *part.bias; });
  mx::eval(made);
  return matrix;
}

/// On CPUs, MLX adds half floats up in their own type. GPUs add them in float32, as this does everywhere.
mx::array gather_product(const mx::array& x, const mx::array& weight, const mx::array& indices, bool is_sorted) {
  if (x.dtype() == mx::float32 || mx::default_device() != mx::Device::cpu)
    return mx::gather_mm(x, weight, std::nullopt, indices, is_sorted);
  return mx::astype(mx::gather_mm(mx::astype(x, mx::float32), mx::astype(weight, mx::float32), std::nullopt, indices, is_sorted),
                    x.dtype());
}

}  // namespace

mx::Dtype dtype_of(StoredType type) {
  switch (type) {
    case StoredType::Float16: return mx::float16;
    case StoredType::BFloat16: return mx::bfloat16;
    case StoredType::Uint32: return mx::uint32;
    case StoredType::Uint8: return mx::uint8;
    case StoredType::Float32: return mx::float32;
  }
  throw std::invalid_argument("a stored type that the array path does not have");
}

mx::array ArrayMatrix::multiply(const mx::array& x) const {
  if (!format.scales) {
    const auto columns = mx::transpose(weight);
    // One rounding for product and bias.
    return bias ? mx::addmm(*bias, x, columns) : mx::matmul(x, columns);
  }
  const auto y = mx::quantized_matmul(x, weight, *format.scales, format.biases, true, format.group_size, format.bits, format.mode);
  return bias ? mx::add(y, *bias) : y;
}

mx::array ArrayMatrix::rows(const mx::array& indices, mx::Dtype type) const {
  const auto picked = mx::take(weight, indices, 0);
  if (!format.scales) return mx::astype(picked, type);
  auto of_rows = format;
  of_rows.scales = mx::take(*format.scales, indices, 0);
  if (format.biases) of_rows.biases = mx::take(*format.biases, indices, 0);
  return mx::astype(dequantized(picked, of_rows, type), type);
}

mx::array ArrayLinear::multiply(const mx::array& x) const {
  if (parts.size() == 1) return parts[0].multiply(x);
  std::vector<mx::array> outputs;
  for (const auto& part : parts) outputs.push_back(part.multiply(x));
  return mx::concatenate(std::move(outputs), -1);
}

mx::array ArrayStack::multiply(const mx::array& x, const mx::array& indices, bool is_sorted) const {
  const auto y = format.scales ? mx::gather_qmm(x, weight, *format.scales, format.biases, std::nullopt, indices, true, format.group_size,
                                                format.bits, format.mode, std::nullopt, is_sorted)
                               : gather_product(x, mx::swapaxes(weight, -1, -2), indices, is_sorted);
  return bias ? mx::add(y, mx::take(*bias, indices, 0)) : y;
}

mx::array ArrayLoader::vector(const TensorSource& source, mx::Dtype type) { return mx::flatten(stacked({&source}, type)); }

mx::array ArrayStack::multiply_each(const mx::array& x, bool transposed) const {
  if (format.scales)
    return mx::quantized_matmul(x, weight, *format.scales, format.biases, transposed, format.group_size, format.bits, format.mode);
  return mx::matmul(x, transposed ? mx::swapaxes(weight, -1, -2) : weight);
}

ArrayMatrix ArrayLoader::matrix(const MatrixSource& source, mx::Dtype type) {
  auto one = stack({source}, type);
  const auto only = [](const std::optional<mx::array>& held) { return held ? std::optional(mx::squeeze(*held, 0)) : std::nullopt; };
  auto format = one.format;
  format.scales = only(format.scales), format.biases = only(format.biases);
  return {mx::squeeze(one.weight, 0), format, one.bias ? std::optional(mx::flatten(*one.bias)) : std::nullopt};
}

ArrayLinear ArrayLoader::linear(const LinearSource& source) {
  ArrayLinear linear;
  for (const auto& part : source) linear.parts.push_back(matrix(part));
  if (std::all_of(linear.parts.begin(), linear.parts.end(), [&](const auto& part) { return is_alike(part, linear.parts[0]); }))
    linear.parts = {joined(linear.parts)};
  return linear;
}

ArrayStack ArrayLoader::stack(const std::vector<MatrixSource>& sources, mx::Dtype type) {
  const auto all = [&](auto pick) {
    std::vector<const TensorSource*> tensors;
    for (const auto& source : sources) tensors.push_back(pick(source));
    return stacked(tensors, type);
  };
  const MatrixSource& first = sources.front();
  ArrayStack stack{all([](const MatrixSource& source) { return &source.weight; }), {}, std::nullopt};
  if (first.quantization) {
    stack.format.scales = all([](const MatrixSource& source) { return &source.quantization->scales; });
    if (first.quantization->biases) stack.format.biases = all([](const MatrixSource& source) { return &*source.quantization->biases; });
    stack.format.group_size = first.quantization->group_size;
    stack.format.bits = first.quantization->bits;
    stack.format.mode = mode_name(first.quantization->mode);
  }
  if (first.crop) {
    const auto whole = dequantized(stack.weight, stack.format, type);
    stack.weight =
        mx::contiguous(mx::slice(whole, {0, 0, as_int(first.crop->begin)}, {whole.shape(0), whole.shape(1), as_int(first.crop->end)}));
    stack.format = {};
    mx::eval(stack.weight);
  }
  if (first.bias) stack.bias = all([](const MatrixSource& source) { return &*source.bias; });
  return stack;
}

mx::array ArrayLoader::stacked(const std::vector<const TensorSource*>& sources, mx::Dtype float_type) {
  const TensorSource& first = *sources.front();
  const auto wanted = is_float(first.type) ? float_type : dtype_of(first.type);
  const bool widens = wanted == mx::float32 && dtype_of(first.type) != wanted;
  const auto type = widens ? wanted : dtype_of(first.type);
  const int64_t rows = first.row_count(), columns = first.column_count();
  const int64_t row_bytes = columns * static_cast<int64_t>(mx::size_of(type));
  auto data = mx::allocator::malloc(static_cast<size_t>(rows * row_bytes) * sources.size());
  char* to = static_cast<char*>(data.buffer().raw_ptr());
  const int64_t per_batch = std::max<int64_t>(1, kBatchBytes / std::max<int64_t>(1, row_bytes));
  const int64_t batches = (rows + per_batch - 1) / per_batch;
  run_to_end(pool_, batches * static_cast<int64_t>(sources.size()), [&](int64_t task) {
    const int64_t index = task / batches, row = task % batches * per_batch, count = std::min(per_batch, rows - row);
    const auto& source = *sources[static_cast<size_t>(index)];
    char* at = to + (index * rows + row) * row_bytes;
    if (widens) {
      reader_.read_floats(source, row, count, reinterpret_cast<float*>(at));
    } else {
      reader_.read_rows(source, row, count, at);
    }
  });
  mx::array read(std::move(data), {as_int(static_cast<int64_t>(sources.size())), as_int(rows), as_int(columns)}, type);
  auto held = mx::astype(read, wanted);
  mx::eval(held);
  resident_bytes_ += static_cast<int64_t>(held.nbytes());
  return held;
}

}  // namespace exo

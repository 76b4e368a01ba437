#include "weight_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "../engine_error.h"
#include "foreign_forms.h"
#include "stored_bytes.h"

namespace exo {

namespace {

/// If only a part of each row is needed, whole rows are read together up to this many bytes: one larger read is cheaper
/// than many small ones.
constexpr int64_t kReadBytes = 256 << 10;
/// Rows with more bytes than this between their parts are read one by one.
constexpr int64_t kGapBytes = 16 << 10;

}  // namespace

struct WeightReader::File {
  explicit File(std::string path_) : path(std::move(path_)), descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor < 0) throw EngineError("model-damaged", path + " cannot be opened: " + std::strerror(errno));
  }
  ~File() { ::close(descriptor); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string path;
  int descriptor;
};

WeightReader::WeightReader(std::vector<std::string> files, std::function<void(int64_t)> on_progress)
    : on_progress_(std::move(on_progress)) {
  for (auto& path : files) files_.push_back(std::make_unique<File>(std::move(path)));
}

WeightReader::~WeightReader() = default;

void WeightReader::read_rows(const TensorSource& tensor, int64_t row, int64_t count, void* to) {
  const int64_t width = tensor.column_count() * stored_bytes(tensor.type);
  if (tensor.form) {
    read_foreign_rows(tensor, *this, row, count, to);
  } else {
    read_stored_rows(tensor, row, count, static_cast<char*>(to));
  }
  const int64_t loaded = loaded_bytes_.fetch_add(count * width) + count * width;
  if (on_progress_) on_progress_(loaded);
}

void WeightReader::read_stored(const TensorSource& tensor, void* to) {
  read_stored_rows(tensor, 0, tensor.row_count(), static_cast<char*>(to));
}

void WeightReader::read_stored_rows(const TensorSource& tensor, int64_t row, int64_t count, char* to) {
  const int64_t width = tensor.column_count() * stored_bytes(tensor.type);
  if (tensor.column_count() == tensor.columns) {
    read(tensor, tensor.offset + (tensor.row_begin + row) * width, count * width, to);
  } else {
    read_parts(tensor, row, count, to);
  }
}

void WeightReader::read_parts(const TensorSource& tensor, int64_t row, int64_t count, char* to) {
  const int64_t item = stored_bytes(tensor.type), width = tensor.column_count() * item, whole = tensor.columns * item;
  const int64_t per_read = whole - width > kGapBytes ? 1 : std::max<int64_t>(1, kReadBytes / whole);
  std::vector<char> rows;
  for (int64_t first = 0; first < count; first += per_read) {
    // From the first row's part to the end of the last row's part.
    const int64_t batch = std::min(per_read, count - first), bytes = (batch - 1) * whole + width;
    rows.resize(static_cast<size_t>(bytes));
    read(tensor, tensor.offset + (tensor.row_begin + row + first) * whole + tensor.column_begin * item, bytes, rows.data());
    for (int64_t i = 0; i < batch; ++i) std::memcpy(to + (first + i) * width, rows.data() + i * whole, static_cast<size_t>(width));
  }
}

std::vector<float> WeightReader::read_floats(const TensorSource& tensor) {
  std::vector<float> floats(static_cast<size_t>(tensor.row_count() * tensor.column_count()));
  read_floats(tensor, 0, tensor.row_count(), floats.data());
  return floats;
}

void WeightReader::read_floats(const TensorSource& tensor, int64_t row, int64_t count, float* to) {
  const int64_t numbers = count * tensor.column_count();
  std::vector<char> raw(static_cast<size_t>(numbers * stored_bytes(tensor.type)));
  read_rows(tensor, row, count, raw.data());
  widen(raw.data(), tensor.type, numbers, to);
}

void WeightReader::read(const TensorSource& tensor, int64_t offset, int64_t bytes, char* to) {
  const File& file = *files_.at(static_cast<size_t>(tensor.file));
  while (bytes > 0) {
    const ssize_t got = ::pread(file.descriptor, to, static_cast<size_t>(bytes), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const std::string why = got == 0 ? "the file ends within it" : std::strerror(errno);
      throw EngineError("model-damaged",
                        "tensor " + tensor.name + " cannot be read from " + file.path + ": " + why + ". Fetch the model again.");
    }
    to += got;
    offset += got;
    bytes -= got;
  }
}

void widen(const void* from, StoredType type, int64_t count, float* to) {
  if (type == StoredType::Float32) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
    return;
  }
  const auto* halves = static_cast<const uint16_t*>(from);
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t bits = halves[i];
    if (type == StoredType::BFloat16) {
      to[i] = std::bit_cast<float>(bits << 16);
    } else {
      const float magnitude = std::bit_cast<float>((bits & 0x7fffu) << 13) * 0x1p112f;
      // The largest exponent means infinity or NaN in both formats.
      const uint32_t exponent = (bits & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0u;
      to[i] = std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | exponent | ((bits & 0x8000u) << 16));
    }
  }
}

}  // namespace exo

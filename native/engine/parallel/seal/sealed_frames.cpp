#include "sealed_frames.h"

#include <algorithm>
#include <cstring>

namespace exo {

std::span<const uint8_t> FrameSealer::seal(size_t count) {
  const auto size = static_cast<uint32_t>(count);
  std::memcpy(frame_.data(), &size, kFrameHeadBytes);
  uint8_t* const bytes = frame_.data() + kFrameHeadBytes;
  exo::seal(key_, counter_++, {frame_.data(), kFrameHeadBytes}, {bytes, count}, bytes,
            std::span<uint8_t, kTagBytes>(bytes + count, kTagBytes));
  return {frame_.data(), kFrameHeadBytes + count + kTagBytes};
}

std::optional<std::span<uint8_t>> FrameOpener::body(std::span<const uint8_t, kFrameHeadBytes> head) {
  uint32_t size = 0;
  std::memcpy(&size, head.data(), kFrameHeadBytes);
  if (size == 0 || size > kMostFrameBytes) return std::nullopt;
  std::copy(head.begin(), head.end(), head_);
  size_ = size;
  return std::span(body_.data(), size + kTagBytes);
}

std::optional<std::span<const uint8_t>> FrameOpener::open() {
  uint8_t* const bytes = body_.data();
  const std::span<const uint8_t, kTagBytes> tag(bytes + size_, kTagBytes);
  if (!exo::open(key_, counter_++, head_, {bytes, size_}, tag, bytes)) return std::nullopt;
  return std::span<const uint8_t>(bytes, size_);
}

}  // namespace exo

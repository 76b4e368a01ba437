#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aead.h"

namespace exo {

constexpr size_t kMostFrameBytes = 64 * 1024;
/// The length of what is sealed, in four bytes; it is authenticated too.
constexpr size_t kFrameHeadBytes = 4;

/// Frames of one direction of a connection: a head, what is sealed, a tag. Each has the next number, so that one that is
/// changed, left out, repeated or out of order does not open.
class FrameSealer {
 public:
  explicit FrameSealer(const Key& key) : key_(key), frame_(kFrameHeadBytes + kMostFrameBytes + kTagBytes) {}

  /// The bytes of the next frame are put here, so that they need not be copied.
  std::span<uint8_t> room() { return {frame_.data() + kFrameHeadBytes, kMostFrameBytes}; }
  /// @returns the frame of the first bytes of `room`; valid until the next call
  std::span<const uint8_t> seal(size_t count);

 private:
  Key key_;
  uint64_t counter_ = 0;
  std::vector<uint8_t> frame_;
};

class FrameOpener {
 public:
  explicit FrameOpener(const Key& key) : key_(key), body_(kMostFrameBytes + kTagBytes) {}

  /// Where what follows the head of the next frame is put; nothing where the head is impossible.
  std::optional<std::span<uint8_t>> body(std::span<const uint8_t, kFrameHeadBytes> head);
  /// @returns what was sealed, valid until the next call; nothing where it was not sealed by the other side
  std::optional<std::span<const uint8_t>> open();

 private:
  Key key_;
  uint64_t counter_ = 0;
  uint8_t head_[kFrameHeadBytes] = {};
  size_t size_ = 0;
  std::vector<uint8_t> body_;
};

}  // namespace exo

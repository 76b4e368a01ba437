#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aead.h"

namespace exo {

constexpr size_t kMostFrameBytes = 64 * 1024;
/// The length of the sealed data, in four bytes. It is authenticated, too.
constexpr size_t kFrameHeadBytes = 4;

/// The frames of one direction of a connection: header, ciphertext, tag. Frames are numbered, so that a changed,
/// missing, repeated or reordered frame does not open.
class FrameSealer {
 public:
  explicit FrameSealer(const Key& key) : key_(key), frame_(kFrameHeadBytes + kMostFrameBytes + kTagBytes) {}

  /// The buffer for the data of the next frame, which saves a copy.
  std::span<uint8_t> room() { return {frame_.data() + kFrameHeadBytes, kMostFrameBytes}; }
  /// @returns the frame that holds the first bytes of `room`; valid until the next call
  std::span<const uint8_t> seal(size_t count);

 private:
  Key key_;
  uint64_t counter_ = 0;
  std::vector<uint8_t> frame_;
};

class FrameOpener {
 public:
  explicit FrameOpener(const Key& key) : key_(key), body_(kMostFrameBytes + kTagBytes) {}

  /// The buffer for the rest of the next frame, whose size is in the header; nothing if the header is invalid.
  std::optional<std::span<uint8_t>> body(std::span<const uint8_t, kFrameHeadBytes> head);
  /// @returns the plain data, valid until the next call; nothing if the other side did not seal it
  std::optional<std::span<const uint8_t>> open();

 private:
  Key key_;
  uint64_t counter_ = 0;
  uint8_t head_[kFrameHeadBytes] = {};
  size_t size_ = 0;
  std::vector<uint8_t> body_;
};

}  // namespace exo

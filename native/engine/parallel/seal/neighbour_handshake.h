#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "aead.h"

// How two neighbours of a ring prove to each other that they have the key of this connection. A key is valid for one
// group, one epoch and one pair of ranks. The messages are: the dialer's hello, the acceptor's answer with its proof,
// the dialer's proof, and the acceptor's welcome. Both sides contribute random bytes, so that recorded messages cannot
// be replayed.

namespace exo {

constexpr size_t kRandomBytes = 32;
using RandomBytes = std::array<uint8_t, kRandomBytes>;

/// Eight bytes that name the protocol, one byte for whether to encrypt, and random bytes.
constexpr size_t kHelloBytes = 8 + 1 + kRandomBytes;
/// One byte for whether to encrypt, random bytes, and a proof.
constexpr size_t kAnswerBytes = 1 + kRandomBytes + kTagBytes;
constexpr size_t kProofBytes = kTagBytes;

/// The result of a handshake.
struct Channel {
  /// If false, the data that follows is not encrypted.
  bool is_sealed = false;
  Key sending{};
  Key receiving{};
};

class DialerHandshake {
 public:
  /// @param seal whether this side wants encryption; one side that wants it is enough
  DialerHandshake(const Key& key, bool seal, const RandomBytes& random);

  const std::array<uint8_t, kHelloBytes>& hello() const { return hello_; }
  /// @returns the message to send; nothing if the other side does not have the key
  std::optional<std::array<uint8_t, kProofBytes>> prove(std::span<const uint8_t, kAnswerBytes> answer);
  /// @returns nothing if the message is not a valid welcome
  std::optional<Channel> finish(std::span<const uint8_t, kProofBytes> welcome) const;

 private:
  Key key_;
  std::array<uint8_t, kHelloBytes> hello_;
  std::optional<std::array<uint8_t, kAnswerBytes>> answer_;
};

class AcceptorHandshake {
 public:
  AcceptorHandshake(const Key& key, bool seal, const RandomBytes& random);

  /// @returns the message to send; nothing if the message is not a valid hello
  std::optional<std::array<uint8_t, kAnswerBytes>> answer(std::span<const uint8_t, kHelloBytes> hello);
  /// @returns the message to send; nothing if the other side does not have the key
  std::optional<std::array<uint8_t, kProofBytes>> welcome(std::span<const uint8_t, kProofBytes> proof) const;
  /// Valid only after `welcome` has returned a message.
  Channel channel() const;

 private:
  Key key_;
  bool seal_;
  RandomBytes random_;
  std::array<uint8_t, kHelloBytes> hello_{};
  std::optional<std::array<uint8_t, kAnswerBytes>> answer_;
};

}  // namespace exo

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "aead.h"

// How two neighbours of a ring show each other that both were given the key of this connection: a key is of one group, one
// epoch and one pair of ranks. The dialer says hello, the acceptor answers with its proof, the dialer proves, the acceptor
// welcomes. Both put in random bytes of their own, so that what was overheard is of no use later.

namespace exo {

constexpr size_t kRandomBytes = 32;
using RandomBytes = std::array<uint8_t, kRandomBytes>;

/// Eight bytes that name the protocol, one for whether the path is to be sealed, and random ones.
constexpr size_t kHelloBytes = 8 + 1 + kRandomBytes;
/// Whether it is sealed, random bytes, and a proof.
constexpr size_t kAnswerBytes = 1 + kRandomBytes + kTagBytes;
constexpr size_t kProofBytes = kTagBytes;

/// The result of a handshake.
struct Channel {
  /// If not, the bytes follow in the clear.
  bool is_sealed = false;
  Key sending{};
  Key receiving{};
};

class DialerHandshake {
 public:
  /// @param seal whether this side wants the path sealed; it is sealed when either side does
  DialerHandshake(const Key& key, bool seal, const RandomBytes& random);

  const std::array<uint8_t, kHelloBytes>& hello() const { return hello_; }
  /// @returns what to send; nothing where the other side does not have the key
  std::optional<std::array<uint8_t, kProofBytes>> prove(std::span<const uint8_t, kAnswerBytes> answer);
  /// @returns nothing when that is not a welcome
  std::optional<Channel> finish(std::span<const uint8_t, kProofBytes> welcome) const;

 private:
  Key key_;
  std::array<uint8_t, kHelloBytes> hello_;
  std::optional<std::array<uint8_t, kAnswerBytes>> answer_;
};

class AcceptorHandshake {
 public:
  AcceptorHandshake(const Key& key, bool seal, const RandomBytes& random);

  /// @returns what to send; nothing for what is no hello
  std::optional<std::array<uint8_t, kAnswerBytes>> answer(std::span<const uint8_t, kHelloBytes> hello);
  /// @returns what to send; nothing where the other side does not have the key
  std::optional<std::array<uint8_t, kProofBytes>> welcome(std::span<const uint8_t, kProofBytes> proof) const;
  /// Only valid once `welcome` has returned what to send.
  Channel channel() const;

 private:
  Key key_;
  bool seal_;
  RandomBytes random_;
  std::array<uint8_t, kHelloBytes> hello_{};
  std::optional<std::array<uint8_t, kAnswerBytes>> answer_;
};

}  // namespace exo

#include "neighbour_handshake.h"

#include <algorithm>

namespace exo {

namespace {

using Label = std::array<uint8_t, 16>;

constexpr Label label(const char (&text)[17]) {
  Label bytes{};
  std::copy(text, text + 16, bytes.begin());
  return bytes;
}

constexpr std::array<uint8_t, 8> kProtocol{'e', 'x', 'o', 'r', 'i', 'n', 'g', '1'};
constexpr Label kProofs = label("exo ring  proofs");
constexpr Label kFromDialer = label("exo ring  dialer");
constexpr Label kFromAcceptor = label("exo ring accepts");

enum class Proof : uint64_t { Answer, Dialer, Welcome };

using Hello = std::array<uint8_t, kHelloBytes>;
using Answer = std::array<uint8_t, kAnswerBytes>;
using Tag = std::array<uint8_t, kTagBytes>;

constexpr size_t kHelloRandomAt = kHelloBytes - kRandomBytes;
constexpr size_t kAnswerTagAt = 1 + kRandomBytes;

/// Derives a key for this connection only, from the random bytes of both sides.
Key session_key(const Key& key, const Hello& hello, const Answer& answer) {
  const auto mix = [](const Key& from, const uint8_t* random) {
    return derive_key(derive_key(from, std::span<const uint8_t, 16>(random, 16)), std::span<const uint8_t, 16>(random + 16, 16));
  };
  return mix(mix(key, hello.data() + kHelloRandomAt), answer.data() + 1);
}

std::array<uint8_t, kHelloBytes + kAnswerTagAt> transcript(const Hello& hello, const Answer& answer) {
  std::array<uint8_t, kHelloBytes + kAnswerTagAt> all;
  std::copy(hello.begin(), hello.end(), all.begin());
  std::copy(answer.begin(), answer.begin() + kAnswerTagAt, all.begin() + kHelloBytes);
  return all;
}

Tag prove(Proof what, const Key& session, const Hello& hello, const Answer& answer) {
  Tag tag;
  seal(derive_key(session, kProofs), static_cast<uint64_t>(what), transcript(hello, answer), {}, nullptr, tag);
  return tag;
}

bool is_proof(Proof what, const Key& session, const Hello& hello, const Answer& answer, std::span<const uint8_t, kTagBytes> tag) {
  return open(derive_key(session, kProofs), static_cast<uint64_t>(what), transcript(hello, answer), {}, tag, nullptr);
}

Channel channel_of(const Key& session, const Answer& answer, bool is_dialer) {
  const auto from_dialer = derive_key(session, kFromDialer);
  const auto from_acceptor = derive_key(session, kFromAcceptor);
  return {answer[0] != 0, is_dialer ? from_dialer : from_acceptor, is_dialer ? from_acceptor : from_dialer};
}

}  // namespace

DialerHandshake::DialerHandshake(const Key& key, bool seal, const RandomBytes& random) : key_(key) {
  auto end = std::copy(kProtocol.begin(), kProtocol.end(), hello_.begin());
  *end++ = seal ? 1 : 0;
  std::copy(random.begin(), random.end(), end);
}

std::optional<std::array<uint8_t, kProofBytes>> DialerHandshake::prove(std::span<const uint8_t, kAnswerBytes> answer) {
  Answer taken;
  std::copy(answer.begin(), answer.end(), taken.begin());
  const bool wants_seal = hello_[kProtocol.size()] != 0;
  if (taken[0] > 1 || (wants_seal && taken[0] == 0)) return std::nullopt;
  const auto session = session_key(key_, hello_, taken);
  if (!is_proof(Proof::Answer, session, hello_, taken, answer.subspan<kAnswerTagAt>())) return std::nullopt;
  answer_ = taken;
  return exo::prove(Proof::Dialer, session, hello_, taken);
}

std::optional<Channel> DialerHandshake::finish(std::span<const uint8_t, kProofBytes> welcome) const {
  if (!answer_) return std::nullopt;
  const auto session = session_key(key_, hello_, *answer_);
  if (!is_proof(Proof::Welcome, session, hello_, *answer_, welcome)) return std::nullopt;
  return channel_of(session, *answer_, true);
}

AcceptorHandshake::AcceptorHandshake(const Key& key, bool seal, const RandomBytes& random) : key_(key), seal_(seal), random_(random) {}

std::optional<std::array<uint8_t, kAnswerBytes>> AcceptorHandshake::answer(std::span<const uint8_t, kHelloBytes> hello) {
  if (answer_ || !std::equal(kProtocol.begin(), kProtocol.end(), hello.begin()) || hello[kProtocol.size()] > 1) return std::nullopt;
  std::copy(hello.begin(), hello.end(), hello_.begin());
  Answer answer{};
  answer[0] = seal_ || hello[kProtocol.size()] != 0 ? 1 : 0;
  std::copy(random_.begin(), random_.end(), answer.begin() + 1);
  const auto tag = prove(Proof::Answer, session_key(key_, hello_, answer), hello_, answer);
  std::copy(tag.begin(), tag.end(), answer.begin() + kAnswerTagAt);
  answer_ = answer;
  return answer;
}

std::optional<std::array<uint8_t, kProofBytes>> AcceptorHandshake::welcome(std::span<const uint8_t, kProofBytes> proof) const {
  if (!answer_) return std::nullopt;
  const auto session = session_key(key_, hello_, *answer_);
  if (!is_proof(Proof::Dialer, session, hello_, *answer_, proof)) return std::nullopt;
  return prove(Proof::Welcome, session, hello_, *answer_);
}

Channel AcceptorHandshake::channel() const { return channel_of(session_key(key_, hello_, answer_.value()), *answer_, false); }

}  // namespace exo

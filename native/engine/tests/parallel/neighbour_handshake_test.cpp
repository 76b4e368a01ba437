#include "../../parallel/seal/neighbour_handshake.h"

#include <algorithm>
#include <random>

#include "../test.h"
#include "../test_key.h"

namespace exo {

namespace {

using test::key_of;

RandomBytes random_of(uint8_t fill) {
  RandomBytes bytes;
  bytes.fill(fill);
  return bytes;
}

struct Ends {
  std::optional<Channel> dialer;
  std::optional<Channel> acceptor;
};

/// Runs a handshake in which `change` may modify each message.
template <typename Change>
Ends shake(DialerHandshake dialer, AcceptorHandshake acceptor, Change change) {
  Ends ends;
  auto hello = dialer.hello();
  change(0, std::span<uint8_t>(hello));
  auto answer = acceptor.answer(hello);
  if (!answer) return ends;
  change(1, std::span<uint8_t>(*answer));
  auto proof = dialer.prove(*answer);
  if (!proof) return ends;
  change(2, std::span<uint8_t>(*proof));
  auto welcome = acceptor.welcome(*proof);
  if (!welcome) return ends;
  ends.acceptor = acceptor.channel();
  change(3, std::span<uint8_t>(*welcome));
  ends.dialer = dialer.finish(*welcome);
  return ends;
}

const auto nothing = [](int, std::span<uint8_t>) {};

}  // namespace

TEST("two neighbours with one key get each other's keys, and seal where one of them wants to") {
  for (const bool dialer_seals : {false, true}) {
    for (const bool acceptor_seals : {false, true}) {
      const auto ends = shake({key_of(1), dialer_seals, random_of(2)}, {key_of(1), acceptor_seals, random_of(3)}, nothing);
      CHECK(ends.dialer && ends.acceptor);
      CHECK_EQUAL(ends.dialer->is_sealed, dialer_seals || acceptor_seals);
      CHECK_EQUAL(ends.acceptor->is_sealed, dialer_seals || acceptor_seals);
      CHECK(ends.dialer->sending == ends.acceptor->receiving);
      CHECK(ends.dialer->receiving == ends.acceptor->sending);
      CHECK(ends.dialer->sending != ends.dialer->receiving);
    }
  }
}

TEST("no two connections have the same keys, whichever side draws other random bytes") {
  const auto keys = [](uint8_t dialer, uint8_t acceptor) {
    return shake({key_of(1), true, random_of(dialer)}, {key_of(1), true, random_of(acceptor)}, nothing).dialer->sending;
  };
  CHECK(keys(2, 3) != keys(4, 3));
  CHECK(keys(2, 3) != keys(2, 5));
  CHECK(keys(2, 3) == keys(2, 3));
}

TEST("B1: a key of another group, epoch or pair of ranks is not let in, and learns nothing") {
  const auto ends = shake({key_of(1), true, random_of(2)}, {key_of(9), true, random_of(3)}, nothing);
  CHECK(!ends.dialer && !ends.acceptor);
  AcceptorHandshake acceptor(key_of(1), true, random_of(3));
  CHECK(acceptor.answer(DialerHandshake(key_of(9), true, random_of(2)).hello()).has_value());
  CHECK(!acceptor.welcome(std::array<uint8_t, kProofBytes>{}).has_value());
}

TEST("B1: what was overheard is of no use later, to either side") {
  DialerHandshake dialer(key_of(1), true, random_of(2));
  AcceptorHandshake acceptor(key_of(1), true, random_of(3));
  const auto answer = acceptor.answer(dialer.hello()).value();
  const auto proof = dialer.prove(answer).value();
  const auto welcome = acceptor.welcome(proof).value();

  AcceptorHandshake later(key_of(1), true, random_of(4));
  CHECK(later.answer(dialer.hello()).has_value());
  CHECK(!later.welcome(proof).has_value());

  DialerHandshake again(key_of(1), true, random_of(5));
  CHECK(!again.prove(answer).has_value());
  CHECK(!again.finish(welcome).has_value());
}

TEST("a proof is not another message's: the answer's own does not prove the dialer, nor that the welcome") {
  DialerHandshake dialer(key_of(1), true, random_of(2));
  AcceptorHandshake acceptor(key_of(1), true, random_of(3));
  const auto answer = acceptor.answer(dialer.hello()).value();
  CHECK(!acceptor.welcome(std::span(answer).last<kProofBytes>()).has_value());
  const auto proof = dialer.prove(answer).value();
  CHECK(!dialer.finish(proof).has_value());
  // Each connection has its own hello.
  CHECK(!acceptor.answer(dialer.hello()).has_value());
}

TEST("B1: no message can be changed on its way, also not to have a path in the clear") {
  constexpr size_t sizes[] = {kHelloBytes, kAnswerBytes, kProofBytes, kProofBytes};
  for (int message = 0; message < 4; ++message) {
    for (size_t bit = 0; bit < sizes[message] * 8; ++bit) {
      for (const bool seal : {false, true}) {
        const auto flip = [&](int number, std::span<uint8_t> bytes) {
          if (number == message) bytes[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
        };
        const auto ends = shake({key_of(1), seal, random_of(2)}, {key_of(1), seal, random_of(3)}, flip);
        CHECK(!ends.dialer);
        CHECK(!ends.acceptor || message == 3);
      }
    }
  }
}

TEST("whatever bytes come, nobody is let in") {
  std::mt19937 random(11);
  const auto scramble = [&](int, std::span<uint8_t> bytes) {
    const auto count = random() % 4;
    for (size_t i = 0; i < count; ++i) bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
  };
  int let_in = 0;
  for (int run = 0; run < 20000; ++run) {
    const auto ends = shake({key_of(1), true, random_of(2)}, {key_of(7), true, random_of(3)}, scramble);
    if (ends.dialer || ends.acceptor) ++let_in;
  }
  CHECK_EQUAL(let_in, 0);
}

}  // namespace exo

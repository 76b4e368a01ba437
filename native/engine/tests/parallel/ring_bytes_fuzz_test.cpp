// Fuzzes the bytes that a rank receives over its ring: from strangers until the handshake ends, then from a compromised
// member. EXO_FUZZ_SECONDS sets the duration and EXO_FUZZ_SEED the first seed. The seed of a failure is printed.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "../../parallel/seal/neighbour_handshake.h"
#include "../../parallel/seal/sealed_frames.h"
#include "../../schedule/step_plan.h"
#include "../test.h"
#include "../test_key.h"

namespace exo {

namespace {

using Octets = std::vector<uint8_t>;
using test::key_of;

/// The first byte of an input selects what it is sent to.
enum Role : uint8_t { kAcceptor, kDialer, kOpener, kPlan, kRoles };

const char* const kSeeds[] = {
#include "../seeds/ring_bytes.inc"
};

Octets from_hex(const std::string& hex) {
  Octets bytes;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  return bytes;
}

std::string to_hex(const Octets& bytes) {
  std::string hex;
  char two[3];
  for (const auto byte : bytes) {
    std::snprintf(two, sizeof two, "%02x", byte);
    hex += two;
  }
  return hex;
}

template <size_t N>
void append(Octets& to, const std::array<uint8_t, N>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

RandomBytes random_of(uint8_t fill) {
  RandomBytes bytes;
  bytes.fill(fill);
  return bytes;
}

DialerHandshake dialer() { return {key_of(1), true, random_of(2)}; }
AcceptorHandshake acceptor() { return {key_of(1), false, random_of(3)}; }

/// What a neighbour that has the key sends. No one else can make these messages.
Octets honest(Role role) {
  Octets said{role};
  if (role == kOpener) {
    FrameSealer sealer(key_of(1));
    for (const size_t size : {size_t{1}, size_t{5}, size_t{40}}) {
      std::fill_n(sealer.room().begin(), size, static_cast<uint8_t>(size));
      const auto frame = sealer.seal(size);
      said.insert(said.end(), frame.begin(), frame.end());
    }
    return said;
  }
  auto left = dialer();
  auto right = acceptor();
  const auto answer = right.answer(left.hello()).value();
  const auto proof = left.prove(answer).value();
  const auto welcome = right.welcome(proof).value();
  if (role == kAcceptor) {
    append(said, left.hello());
    append(said, proof);
  } else {
    append(said, answer);
    append(said, welcome);
  }
  return said;
}

template <size_t N>
std::optional<std::span<const uint8_t, N>> take(std::span<const uint8_t>& rest) {
  if (rest.size() < N) return std::nullopt;
  const auto taken = rest.template first<N>();
  rest = rest.subspan(N);
  return taken;
}

/// Both kinds of input, with their role in the first byte.
bool starts_alike(const Octets& input, const Octets& said, size_t count) {
  return input.size() >= count && said.size() >= count &&
         std::equal(input.begin() + 1, input.begin() + static_cast<ptrdiff_t>(count), said.begin() + 1);
}

void run(const Octets& input) {
  if (input.empty()) return;
  auto rest = std::span<const uint8_t>(input).subspan(1);
  switch (input[0] % kRoles) {
    case kAcceptor: {
      auto handshake = acceptor();
      const auto hello = take<kHelloBytes>(rest);
      if (!hello || !handshake.answer(*hello)) return;
      const auto proof = take<kProofBytes>(rest);
      if (!proof || !handshake.welcome(*proof)) return;
      CHECK(handshake.channel().is_sealed);
      CHECK(starts_alike(input, honest(kAcceptor), 1 + kHelloBytes + kProofBytes));
      return;
    }
    case kDialer: {
      auto handshake = dialer();
      const auto answer = take<kAnswerBytes>(rest);
      if (!answer || !handshake.prove(*answer)) return;
      const auto welcome = take<kProofBytes>(rest);
      if (!welcome || !handshake.finish(*welcome)) return;
      CHECK(handshake.finish(*welcome)->is_sealed);
      CHECK(starts_alike(input, honest(kDialer), 1 + kAnswerBytes + kProofBytes));
      return;
    }
    case kOpener: {
      FrameOpener opener(key_of(1));
      while (const auto head = take<kFrameHeadBytes>(rest)) {
        const auto body = opener.body(*head);
        if (!body || body->size() > rest.size()) return;
        CHECK(body->size() <= kMostFrameBytes + kTagBytes);
        std::copy_n(rest.begin(), body->size(), body->begin());
        rest = rest.subspan(body->size());
        if (!opener.open()) return;
        CHECK(starts_alike(input, honest(kOpener), input.size() - rest.size()));
      }
      return;
    }
    default: {
      std::vector<int32_t> numbers(rest.size() / sizeof(int32_t));
      if (!numbers.empty()) std::memcpy(numbers.data(), rest.data(), numbers.size() * sizeof(int32_t));
      StepPlan plan;
      try {
        plan = decode_plan(numbers);
      } catch (const std::exception&) {
        return;
      }
      CHECK(decode_plan(encode_plan(plan)) == plan);
    }
  }
}

Octets mutate(const std::vector<Octets>& seeds, std::mt19937& random) {
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % std::max<size_t>(1, limit)); };
  Octets bytes = seeds[below(seeds.size())];
  for (size_t change = 0, changes = 1 + below(4); change < changes; ++change) {
    const auto at = below(bytes.size());
    switch (random() % 7) {
      case 0:
        if (!bytes.empty()) bytes[at] ^= static_cast<uint8_t>(1u << (random() % 8));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<uint8_t>(random());
        break;
      case 2: bytes.resize(at); break;
      case 3: bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), below(9), static_cast<uint8_t>(random())); break;
      case 4: {
        constexpr int32_t kEdges[] = {0, 1, -1, 2, 64, 65536, 65537, 1 << 20, INT32_MAX, INT32_MIN};
        const auto number = kEdges[below(std::size(kEdges))];
        if (bytes.size() >= at + sizeof number) std::memcpy(bytes.data() + at, &number, sizeof number);
        break;
      }
      case 5: {
        const auto& other = seeds[below(seeds.size())];
        const auto from = below(other.size());
        bytes.insert(bytes.end(), other.begin() + static_cast<ptrdiff_t>(from), other.end());
        break;
      }
      default:
        if (!bytes.empty())
          bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at),
                      bytes.begin() + static_cast<ptrdiff_t>(std::min(bytes.size(), at + 1 + below(8))));
    }
  }
  return bytes;
}

long number_from(const char* name, long otherwise) {
  const char* value = std::getenv(name);
  return value ? std::atol(value) : otherwise;
}

}  // namespace

TEST("B1: the seeds of what reaches a ring are what a neighbour with the key says today") {
  for (const auto role : {kAcceptor, kDialer, kOpener}) {
    const auto said = to_hex(honest(role));
    CHECK(std::any_of(std::begin(kSeeds), std::end(kSeeds), [&](const char* seed) { return said == seed; }));
  }
}

TEST("B1: whatever bytes reach a ring, nobody without the key is let in, and none makes a rank read or write where it must not") {
  std::vector<Octets> seeds;
  for (const auto* seed : kSeeds) seeds.push_back(from_hex(seed));
  for (const auto& seed : seeds) run(seed);
  std::mt19937 random(static_cast<uint32_t>(number_from("EXO_FUZZ_SEED", 17)));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(number_from("EXO_FUZZ_SECONDS", 5));
  for (long runs = 0; runs < 1000 || std::chrono::steady_clock::now() < until; ++runs) {
    const auto input = mutate(seeds, random);
    try {
      run(input);
    } catch (const std::exception&) {
      std::printf("a seed that fails: \"%s\",\n", to_hex(input).c_str());
      throw;
    }
  }
}

}  // namespace exo

#include "../../parallel/seal/sealed_frames.h"

#include <algorithm>
#include <random>

#include "../test.h"
#include "../test_key.h"

namespace exo {

namespace {

using test::key_of;

using Frame = std::vector<uint8_t>;

Frame seal(FrameSealer& frames, const Frame& plain) {
  std::copy(plain.begin(), plain.end(), frames.room().begin());
  const auto sealed = frames.seal(plain.size());
  return {sealed.begin(), sealed.end()};
}

/// Returns nothing if the connection would be closed.
std::optional<Frame> open(FrameOpener& frames, const Frame& frame) {
  if (frame.size() < kFrameHeadBytes) return std::nullopt;
  const auto body = frames.body(std::span(frame).first<kFrameHeadBytes>());
  if (!body || body->size() != frame.size() - kFrameHeadBytes) return std::nullopt;
  std::copy(frame.begin() + kFrameHeadBytes, frame.end(), body->begin());
  const auto plain = frames.open();
  return plain ? std::optional<Frame>({plain->begin(), plain->end()}) : std::nullopt;
}

Frame filled(size_t size, uint8_t with) { return Frame(size, with); }

}  // namespace

TEST("frames of every size open as what they were, one after the other") {
  FrameSealer sealer(key_of(1));
  FrameOpener opener(key_of(1));
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    Frame plain(i == 0 ? kMostFrameBytes : 1 + random() % (i % 10 == 0 ? kMostFrameBytes : 700));
    for (auto& byte : plain) byte = static_cast<uint8_t>(random());
    const auto frame = seal(sealer, plain);
    CHECK_EQUAL(frame.size(), plain.size() + kFrameHeadBytes + kTagBytes);
    CHECK(std::search(frame.begin(), frame.end(), plain.begin(), plain.end()) == frame.end() || plain.size() < 4);
    CHECK(open(opener, frame) == plain);
  }
}

TEST("the same words are other bytes each time") {
  FrameSealer sealer(key_of(1));
  CHECK(seal(sealer, filled(64, 7)) != seal(sealer, filled(64, 7)));
}

TEST("B1: a frame that is left out, told twice, out of turn or of another connection ends it") {
  FrameSealer sealer(key_of(1));
  const auto first = seal(sealer, filled(10, 1));
  const auto second = seal(sealer, filled(10, 2));
  const auto ends = [](std::initializer_list<Frame> frames, Key key) {
    FrameOpener opener(key);
    return std::any_of(frames.begin(), frames.end(), [&](const Frame& frame) { return !open(opener, frame); });
  };
  CHECK(!ends({first, second}, key_of(1)));
  CHECK(ends({second}, key_of(1)));
  CHECK(ends({first, first}, key_of(1)));
  CHECK(ends({second, first}, key_of(1)));
  CHECK(ends({first}, key_of(2)));
}

TEST("B1: a frame of which any bit was changed ends the connection, and no length makes room beyond the most") {
  std::mt19937 random(6);
  for (size_t bit = 0; bit < (kFrameHeadBytes + 20 + kTagBytes) * 8; ++bit) {
    FrameSealer sealer(key_of(1));
    FrameOpener opener(key_of(1));
    auto frame = seal(sealer, filled(20, 3));
    frame[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    CHECK(!open(opener, frame));
  }
  for (int run = 0; run < 20000; ++run) {
    FrameOpener opener(key_of(1));
    Frame frame(kFrameHeadBytes + random() % 80);
    for (auto& byte : frame) byte = static_cast<uint8_t>(random());
    if (run % 2 == 0) std::fill(frame.begin() + 1, frame.begin() + kFrameHeadBytes, uint8_t{0});
    const auto body = opener.body(std::span(frame).first<kFrameHeadBytes>());
    CHECK(!body || body->size() <= kMostFrameBytes + kTagBytes);
    CHECK(!open(opener, frame));
  }
}

}  // namespace exo

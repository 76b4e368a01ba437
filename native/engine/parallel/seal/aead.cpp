#include "aead.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "poly1305.h"

namespace exo {

static_assert(std::endian::native == std::endian::little);

namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kLanes = 4;
constexpr size_t kStrideBytes = kBlockBytes * kLanes;

/// One word of each of four blocks.
using Words = uint32_t __attribute__((vector_size(4 * kLanes)));

template <typename Word>
void turn_left(Word& word, int bits) {
  word = (word << bits) | (word >> (32 - bits));
}

template <typename Word>
void quarter_round(Word& a, Word& b, Word& c, Word& d) {
  a += b, d ^= a, turn_left(d, 16);
  c += d, b ^= c, turn_left(b, 12);
  a += b, d ^= a, turn_left(d, 8);
  c += d, b ^= c, turn_left(b, 7);
}

template <typename Word>
void twenty_rounds(Word (&x)[16]) {
  for (int i = 0; i < 10; ++i) {
    quarter_round(x[0], x[4], x[8], x[12]);
    quarter_round(x[1], x[5], x[9], x[13]);
    quarter_round(x[2], x[6], x[10], x[14]);
    quarter_round(x[3], x[7], x[11], x[15]);
    quarter_round(x[0], x[5], x[10], x[15]);
    quarter_round(x[1], x[6], x[11], x[12]);
    quarter_round(x[2], x[7], x[8], x[13]);
    quarter_round(x[3], x[4], x[9], x[14]);
  }
}

using State = std::array<uint32_t, 16>;

State start(const Key& key) {
  State state{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  std::memcpy(&state[4], key.data(), key.size());
  return state;
}

State start(const Key& key, uint64_t counter) {
  auto state = start(key);
  state[14] = static_cast<uint32_t>(counter);
  state[15] = static_cast<uint32_t>(counter >> 32);
  return state;
}

/// Computes four blocks of the key stream, beginning with the state's block number.
void stream_blocks(const State& state, uint8_t* stream) {
  Words first[16];
  Words x[16];
  for (size_t word = 0; word < 16; ++word) first[word] = Words{} + state[word];
  first[12] += Words{0, 1, 2, 3};
  std::copy(std::begin(first), std::end(first), std::begin(x));
  twenty_rounds(x);
  for (size_t word = 0; word < 16; ++word) {
    x[word] += first[word];
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const uint32_t value = x[word][lane];
      std::memcpy(stream + lane * kBlockBytes + word * 4, &value, 4);
    }
  }
}

void mix_in_stream(State state, Bytes from, uint8_t* to) {
  alignas(16) uint8_t stream[kStrideBytes];
  for (size_t at = 0; at < from.size(); at += kStrideBytes) {
    stream_blocks(state, stream);
    state[12] += kLanes;
    const size_t count = std::min(kStrideBytes, from.size() - at);
    for (size_t i = 0; i < count; ++i) to[at + i] = from[at + i] ^ stream[i];
  }
}

/// The authentication tag of the ciphertext and its header.
std::array<uint8_t, kTagBytes> tag_of(const State& state, Bytes header, Bytes sealed) {
  alignas(16) uint8_t stream[kStrideBytes];
  stream_blocks(state, stream);
  Poly1305 poly(std::span<const uint8_t, 32>(stream, 32));
  poly.add_padded(header);
  poly.add_padded(sealed);
  const uint64_t sizes[2] = {header.size(), sealed.size()};
  uint8_t size_bytes[16];
  std::memcpy(size_bytes, sizes, sizeof(sizes));
  poly.add_padded(size_bytes);
  return poly.tag();
}

}  // namespace

Key derive_key(const Key& key, std::span<const uint8_t, 16> input) {
  const auto state = start(key);
  uint32_t x[16];
  std::copy(state.begin(), state.end(), x);
  std::memcpy(&x[12], input.data(), input.size());
  twenty_rounds(x);
  Key derived;
  std::memcpy(derived.data(), &x[0], 16);
  std::memcpy(derived.data() + 16, &x[12], 16);
  return derived;
}

void seal(const Key& key, uint64_t counter, Bytes header, Bytes plain, uint8_t* sealed, std::span<uint8_t, kTagBytes> tag) {
  auto state = start(key, counter);
  state[12] = 1;
  mix_in_stream(state, plain, sealed);
  state[12] = 0;
  const auto made = tag_of(state, header, {sealed, plain.size()});
  std::copy(made.begin(), made.end(), tag.begin());
}

bool open(const Key& key, uint64_t counter, Bytes header, Bytes sealed, std::span<const uint8_t, kTagBytes> tag, uint8_t* plain) {
  auto state = start(key, counter);
  const auto expected = tag_of(state, header, sealed);
  uint8_t difference = 0;
  for (size_t i = 0; i < kTagBytes; ++i) difference |= static_cast<uint8_t>(expected[i] ^ tag[i]);
  if (difference != 0) return false;
  state[12] = 1;
  mix_in_stream(state, sealed, plain);
  return true;
}

}  // namespace exo

#include "../../parallel/seal/aead.h"

#include <string>
#include <vector>

#include "../test.h"

namespace exo {

namespace {

std::vector<uint8_t> from_hex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string to_hex(Bytes bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Key counting_key(uint8_t first) {
  Key key;
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(first + i);
  return key;
}

struct Sealed {
  std::vector<uint8_t> bytes;
  std::array<uint8_t, kTagBytes> tag;
};

Sealed sealed(const Key& key, uint64_t counter, Bytes header, Bytes plain) {
  Sealed result{std::vector<uint8_t>(plain.size()), {}};
  seal(key, counter, header, plain, result.bytes.data(), result.tag);
  return result;
}

}  // namespace

TEST("derives HChaCha20's key of the draft of XChaCha20") {
  const auto input = from_hex("000000090000004a0000000031415927");
  CHECK_EQUAL(to_hex(derive_key(counting_key(0), std::span<const uint8_t, 16>(input.data(), 16))),
              std::string("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"));
}

TEST("seals as OpenSSL does, across the blocks that are computed together") {
  // Made with node:crypto: chacha20-poly1305, key 80 81 .. 9f, nonce of four zero bytes and 7 in eight bytes, header
  // "exo".
  std::vector<uint8_t> plain(300);
  for (size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<uint8_t>(i * 7);
  const std::string header = "exo";
  const auto result = sealed(counting_key(0x80), 7, {reinterpret_cast<const uint8_t*>(header.data()), header.size()}, plain);
  CHECK_EQUAL(to_hex({result.bytes.data(), 16}), std::string("f0e771f6d66143943385c4be32da6f9f"));
  CHECK_EQUAL(to_hex({result.bytes.data() + 284, 16}), std::string("867ecb00ea0b6727a54e22f6cd762377"));
  CHECK_EQUAL(to_hex(result.tag), std::string("a784d54d01ef400b822d0b4948522910"));
}

TEST("opens what was sealed, in place too, and nothing that was changed") {
  for (const size_t size : {0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 4096}) {
    std::vector<uint8_t> plain(size);
    for (size_t i = 0; i < size; ++i) plain[i] = static_cast<uint8_t>(i);
    const std::vector<uint8_t> header(size % 20, 9);
    const auto key = counting_key(1);
    auto result = sealed(key, size, header, plain);
    auto opened = result.bytes;
    CHECK(open(key, size, header, opened, result.tag, opened.data()));
    CHECK(opened == plain);
    CHECK(!open(key, size + 1, header, result.bytes, result.tag, opened.data()));
    CHECK(!open(counting_key(2), size, header, result.bytes, result.tag, opened.data()));
    for (size_t at = 0; at < size; at += 1 + size / 8) {
      result.bytes[at] ^= 1;
      CHECK(!open(key, size, header, result.bytes, result.tag, opened.data()));
      result.bytes[at] ^= 1;
    }
    for (auto& byte : result.tag) {
      byte ^= 0x80;
      CHECK(!open(key, size, header, result.bytes, result.tag, opened.data()));
      byte ^= 0x80;
    }
    if (header.empty()) continue;
    auto other = header;
    other.back() ^= 1;
    CHECK(!open(key, size, other, result.bytes, result.tag, opened.data()));
  }
}

}  // namespace exo

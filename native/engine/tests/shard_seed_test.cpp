#include "../sample/shard_seed.h"
#include "test.h"

using namespace exo;

TEST("seeds are those of the seed document's formula") {
  struct Vector {
    uint64_t base, shard, step, expected;
  };
  // By the document's own Python.
  const Vector vectors[] = {
      {0x0u, 0x0u, 0x0u, 0x0u},
      {0x0u, 0x0u, 0x1u, 0x5692161d100b05e5u},
      {0x2au, 0x0u, 0x0u, 0xa759ea27d4727622u},
      {0x2au, 0x0u, 0x1u, 0x4f0a61d9c798d8cau},
      {0x2au, 0x1u, 0x0u, 0xbdd732262feb6e95u},
      {0x2au, 0x7u, 0x64u, 0xbcfcf30d703ec4cau},
      {0xffffffffffffffffu, 0x0u, 0x1u, 0x0u},
      {0xffffffffffffffffu, 0x3u, 0x100000000u, 0xee4ac9ff47275e73u},
      {0x123456789abcdefu, 0x8000000000000000u, 0x5u, 0x1a82b1ca25172bfcu},
      {0x1u, 0xffffffffffffffffu, 0xffffffffffffffffu, 0x336503c6b835bec0u},
  };
  for (const auto& vector : vectors) CHECK_EQUAL(derive_shard_seed(vector.base, vector.shard, vector.step), vector.expected);
}

TEST("a seed becomes a number in [0, 1)") {
  CHECK_EQUAL(unit_interval(0), 0.0);
  CHECK(unit_interval(~uint64_t{0}) < 1.0);
}

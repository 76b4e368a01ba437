#include "../sample/shard_seed.h"

#include <iterator>

#include "test.h"

using namespace exo;

namespace {

struct Vector {
  uint64_t base, shard, step, expected;
};

// The TypeScript implementation in `main/domain/generation` is tested with the same file.
const Vector vectors[] = {
#include "shard_seed_vectors.inc"
};

}  // namespace

TEST("seeds are those of the seed document's formula") {
  CHECK_EQUAL(std::size(vectors), size_t{1000});
  for (const auto& vector : vectors) CHECK_EQUAL(derive_shard_seed(vector.base, vector.shard, vector.step), vector.expected);
}

TEST("a seed becomes a number in [0, 1)") {
  CHECK_EQUAL(unit_interval(0), 0.0);
  CHECK(unit_interval(~uint64_t{0}) < 1.0);
}

#include "../schedule/chunk_pace.h"

#include "test.h"

using namespace exo;

namespace {

/// A pace after several steps on a machine that takes `fixed_ms` per step and `token_ms` per token.
int32_t settled(ChunkPace& pace, double fixed_ms, double token_ms, int steps = 12) {
  for (int i = 0; i < steps; ++i) pace.add(pace.tokens(), fixed_ms + token_ms * pace.tokens());
  return pace.tokens();
}

}  // namespace

TEST("a chunk grows or shrinks until it takes the time that it may") {
  ChunkPace pace(512, 250);
  CHECK_EQUAL(pace.tokens(), 32);
  CHECK_EQUAL(settled(pace, 50, 2), 100);
  CHECK_EQUAL(settled(pace, 50, 8), 25);
  CHECK_EQUAL(settled(pace, 0, 0.1), 512);
}

TEST("a chunk changes by half or double at once, and is never so short that prompts do not end") {
  ChunkPace pace(512, 250);
  pace.add(32, 1);
  CHECK_EQUAL(pace.tokens(), 64);
  pace.add(64, 100000);
  CHECK_EQUAL(pace.tokens(), 32);
  CHECK_EQUAL(settled(pace, 0, 1000), 16);
}

TEST("steps of single tokens say nothing of chunks, and no chunk is longer than the longest") {
  ChunkPace pace(512, 250);
  pace.add(4, 1000);
  CHECK_EQUAL(pace.tokens(), 32);
  CHECK_EQUAL(ChunkPace(8, 250).tokens(), 8);
  ChunkPace small(8, 250);
  small.add(100, 1);
  CHECK_EQUAL(small.tokens(), 8);
}

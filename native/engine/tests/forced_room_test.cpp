#include "../schedule/forced_room.h"

#include "test.h"

using namespace exo;

TEST("one answer skips all that is certain, up to the rows that are cheap") {
  CHECK_EQUAL(forced_room(1, 1), size_t{7});
  CHECK(is_worth_jump(1, 1));
  CHECK_EQUAL(forced_room(1, 0), size_t{0});
}

TEST("answers in company share the cheap rows, and skip nothing where too few are left") {
  CHECK_EQUAL(forced_room(2, 1), size_t{6});
  CHECK_EQUAL(forced_room(2, 2), size_t{3});
  CHECK_EQUAL(forced_room(4, 1), size_t{4});
  CHECK_EQUAL(forced_room(4, 2), size_t{0});
  CHECK_EQUAL(forced_room(8, 4), size_t{0});
  CHECK_EQUAL(forced_room(20, 1), size_t{0});
  CHECK(!is_worth_jump(2, 2));
  CHECK(is_worth_jump(3, 2));
}

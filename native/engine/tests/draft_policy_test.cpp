#include "../schedule/draft_policy.h"

#include "test.h"

using namespace exo;

namespace {

/// How many tokens of `duration_ms` each pass until the policy uses the draft.
int32_t rest_of(DraftPolicy& policy, double duration_ms) {
  int32_t tokens = 0;
  for (; policy.length() == 0; ++tokens) policy.add_plain(duration_ms);
  return tokens;
}

/// How many steps with the draft pass until the policy gives up, at most `limit`.
int32_t rounds_of(DraftPolicy& policy, double duration_ms, int32_t accepted, int32_t limit = 1000) {
  int32_t rounds = 0;
  for (; policy.length() > 0 && rounds < limit; ++rounds)
    policy.add_draft(duration_ms, policy.length(), std::min(accepted, policy.length()));
  return rounds;
}

}  // namespace

TEST("a policy measures plain decoding before it asks a draft, and proposes more while all is accepted") {
  DraftPolicy policy;
  CHECK_EQUAL(rest_of(policy, 10), 4);
  CHECK_EQUAL(policy.length(), 3);
  policy.add_draft(20, 3, 3);
  CHECK_EQUAL(policy.length(), 4);
  policy.add_draft(20, 4, 1);
  CHECK_EQUAL(policy.length(), 2);
  policy.add_draft(20, 2, 0);
  CHECK_EQUAL(policy.length(), 1);
  for (int round = 0; round < 20; ++round) policy.add_draft(20, policy.length(), policy.length());
  CHECK_EQUAL(policy.length(), 8);
}

TEST("a draft whose proposals are refused rests, ever longer, and is tried again") {
  DraftPolicy policy;
  std::vector<int32_t> rests;
  for (int attempt = 0; attempt < 8; ++attempt) {
    rests.push_back(rest_of(policy, 10));
    CHECK_EQUAL(rounds_of(policy, 1, 0), 6);
  }
  CHECK_EQUAL(rests, std::vector<int32_t>{4, 16, 32, 64, 128, 256, 512, 512});
}

TEST("a draft that takes more time than it saves rests, however much of it is accepted") {
  DraftPolicy slow;
  rest_of(slow, 10);
  CHECK_EQUAL(rounds_of(slow, 100, 8), 6);
  DraftPolicy fast;
  rest_of(fast, 10);
  CHECK_EQUAL(rounds_of(fast, 12, 8), 64);
}

TEST("a draft that helps goes on after plain decoding was measured again, and starts over in good standing") {
  DraftPolicy policy;
  rest_of(policy, 10);
  rounds_of(policy, 100, 8);
  CHECK_EQUAL(rest_of(policy, 10), 16);
  CHECK_EQUAL(rounds_of(policy, 12, 8), 64);
  CHECK_EQUAL(rest_of(policy, 10), 4);
  rounds_of(policy, 100, 8);
  CHECK_EQUAL(rest_of(policy, 10), 16);
}

TEST("a policy counts what was proposed and what was accepted") {
  DraftPolicy policy;
  rest_of(policy, 10);
  policy.add_draft(5, 3, 2);
  policy.add_draft(5, 3, 3);
  CHECK_EQUAL(policy.proposed(), int64_t{6});
  CHECK_EQUAL(policy.accepted(), int64_t{5});
}

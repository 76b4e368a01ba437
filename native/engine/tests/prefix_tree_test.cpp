#include "../cache/prefix_tree.h"

#include <algorithm>
#include <map>
#include <random>

#include "test.h"

using namespace exo;

namespace {

constexpr int32_t kBlock = 2;
using Tokens = std::vector<int32_t>;

PrefixTree make(int32_t capacity) {
  PrefixTree tree(kBlock);
  tree.set_capacity(capacity);
  return tree;
}

/// The new blocks, each as "index:block".
std::string shown(const std::vector<PrefixTree::NewBlock>& added) {
  std::string text;
  for (const auto& [index, block] : added) text += (text.empty() ? "" : " ") + std::to_string(index) + ":" + std::to_string(block);
  return text;
}

/// The same by exhaustive search: all known prefixes in whole blocks, and when each was last used.
class PlainCache {
 public:
  explicit PlainCache(size_t capacity) : capacity_(capacity) {}

  size_t find(const Tokens& tokens) {
    size_t blocks = 0;
    while (used_at_.contains(beginning(tokens, blocks + 1)) && (blocks + 1) * kBlock <= tokens.size()) ++blocks;
    use(tokens, blocks);
    return blocks;
  }

  size_t add(const Tokens& tokens) {
    const size_t before = used_at_.size(), blocks = tokens.size() / kBlock;
    use(tokens, blocks);
    return used_at_.size() - before;
  }

  size_t trim() {
    size_t forgotten = 0;
    for (; used_at_.size() > capacity_; ++forgotten) {
      const auto oldest =
          std::min_element(used_at_.begin(), used_at_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      used_at_.erase(oldest);
    }
    return forgotten;
  }

  size_t size() const { return used_at_.size(); }

 private:
  static Tokens beginning(const Tokens& tokens, size_t blocks) {
    return {tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(std::min(tokens.size(), blocks * kBlock))};
  }
  void use(const Tokens& tokens, size_t blocks) {
    for (size_t length = blocks; length > 0; --length) used_at_[beginning(tokens, length)] = ++now_;
  }

  size_t capacity_;
  int64_t now_ = 0;
  std::map<Tokens, int64_t> used_at_;
};

}  // namespace

TEST("the longest known beginning is found, in whole blocks") {
  auto tree = make(10);
  CHECK_EQUAL(shown(tree.add(Tokens{1, 2, 3, 4, 5})), "0:0 1:1");
  CHECK_EQUAL(tree.find(Tokens{1, 2, 3, 4, 5, 6}), {0, 1});
  CHECK_EQUAL(tree.find(Tokens{1, 2, 3}), {0});
  CHECK_EQUAL(tree.find(Tokens{2, 2, 3, 4}), Tokens{});
}

TEST("sequences share what they have in common") {
  auto tree = make(10);
  tree.add(Tokens{1, 2, 3, 4});
  CHECK_EQUAL(shown(tree.add(Tokens{1, 2, 5, 6})), "1:2");
  CHECK_EQUAL(shown(tree.add(Tokens{1, 2, 5, 6})), "");
  CHECK_EQUAL(tree.size(), 3);
}

TEST("what was used longest ago goes first, the end of a sequence before its beginning") {
  auto tree = make(2);
  tree.add(Tokens{1, 2, 3, 4});
  tree.add(Tokens{5, 6});
  tree.find(Tokens{1, 2});
  CHECK_EQUAL(tree.trim(), {1});
  CHECK_EQUAL(tree.find(Tokens{1, 2, 3, 4}), {0});
  CHECK_EQUAL(shown(tree.add(Tokens{7, 8})), "0:1");
}

TEST("without a capacity it takes nothing") {
  auto tree = make(0);
  CHECK_EQUAL(shown(tree.add(Tokens{1, 2, 3, 4})), "");
  CHECK_EQUAL(tree.find(Tokens{1, 2}), Tokens{});
}

TEST("random sequences are found, counted and forgotten as by an exhaustive search, and no number has two blocks") {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    const auto capacity = random() % 12;
    auto tree = make(static_cast<int32_t>(capacity));
    PlainCache plain(capacity);
    std::map<int32_t, Tokens> blocks;
    for (int act = 0; act < 300; ++act) {
      Tokens tokens(random() % 12);
      for (auto& token : tokens) token = static_cast<int32_t>(random() % 2);
      if (random() % 2 == 0) {
        const auto found = tree.find(tokens);
        CHECK_EQUAL(found.size(), plain.find(tokens));
        for (size_t i = 0; i < found.size(); ++i)
          CHECK(blocks.at(found[i]) == Tokens(tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>((i + 1) * kBlock)));
        continue;
      }
      if (capacity > 0) {
        const auto added = tree.add(tokens);
        CHECK_EQUAL(added.size(), plain.add(tokens));
        for (const auto& [index, block] : added) {
          CHECK(!blocks.contains(block));
          blocks[block] = Tokens(tokens.begin(), tokens.begin() + (index + 1) * kBlock);
        }
      }
      const auto forgotten = tree.trim();
      CHECK_EQUAL(forgotten.size(), plain.trim());
      for (const auto block : forgotten) CHECK_EQUAL(blocks.erase(block), 1u);
      CHECK_EQUAL(static_cast<size_t>(tree.size()), plain.size());
    }
  }
}

TEST("a prefix with a state ends where the newest of its states is; states take at most half of the capacity") {
  auto tree = make(12);
  tree.set_state_size(3);
  const Tokens tokens{1, 2, 3, 4, 5, 6};
  tree.add(tokens);
  CHECK_EQUAL(tree.find_stated(tokens).state, -1);
  const auto first = tree.add_state(std::span(tokens).first(2));
  CHECK_EQUAL(tree.find_stated(tokens).blocks, {0});
  const auto second = tree.add_state(std::span(tokens).first(4));
  CHECK_EQUAL(tree.add_state(std::span(tokens).first(4)), -1);
  CHECK_EQUAL(tree.find_stated(tokens).blocks, {0, 1});
  CHECK_EQUAL(tree.find_stated(tokens).state, second);
  const auto third = tree.add_state(tokens);
  CHECK_EQUAL(tree.trim(), Tokens{});
  CHECK_EQUAL(tree.take_evicted_states(), {first});
  tree.drop_state(third);
  CHECK_EQUAL(tree.find_stated(tokens).state, second);
  CHECK_EQUAL(tree.take_evicted_states(), {third});
}

TEST("a state goes with its block, and nothing has one if the memory is too small") {
  auto tree = make(4);
  tree.set_state_size(2);
  tree.add(Tokens{1, 2});
  const auto state = tree.add_state(Tokens{1, 2});
  tree.add(Tokens{3, 4, 5, 6});
  CHECK_EQUAL(tree.trim(), {0});
  CHECK_EQUAL(tree.take_evicted_states(), {state});
  tree.set_state_size(5);
  CHECK_EQUAL(tree.add_state(Tokens{3, 4}), -1);
}

#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace exo {

/// Which beginnings of sequences are kept for later requests: a tree whose edges are whole blocks of tokens, so that
/// two sequences share what they have in common. It holds the blocks' numbers; their keys and values are with the ranks.
/// Pure: time is the order of calls.
class PrefixTree {
 public:
  explicit PrefixTree(int32_t block_tokens) : block_tokens_(block_tokens), root_(std::make_unique<Node>()) {}

  struct NewBlock {
    /// Place in the sequence, in blocks.
    int32_t index;
    int32_t block;
  };

  /// Blocks that it may hold after `trim`; 0: it takes none.
  void set_capacity(int32_t blocks) { capacity_ = blocks; }
  int32_t capacity() const { return capacity_; }
  int32_t size() const { return static_cast<int32_t>(newest_first_.size()); }
  int32_t block_tokens() const { return block_tokens_; }

  /// The blocks of the longest beginning of `tokens` that it knows, in order. They count as used now.
  std::vector<int32_t> find(std::span<const int32_t> tokens);

  /// Adds the whole blocks of `tokens`. @returns those that it lacked
  /// @param first the first block that can still be copied; if an earlier block is missing, nothing is added
  std::vector<NewBlock> add(std::span<const int32_t> tokens, int32_t first = 0);

  /// Forgets the blocks that were used longest ago, beyond its capacity. Their numbers are given out again by the next
  /// `add`. @returns them
  std::vector<int32_t> trim();

  void clear();

 private:
  struct Node;
  using Children = std::map<std::vector<int32_t>, std::unique_ptr<Node>>;
  struct Node {
    int32_t block = -1;
    Node* parent = nullptr;
    Children children;
    Children::iterator place;
    std::list<Node*>::iterator used;
  };

  /// A block was used: so were all before it, which are thus never older than it. The oldest block is a leaf.
  void use(Node* last);
  std::vector<int32_t> block_at(std::span<const int32_t> tokens, size_t index) const;

  int32_t block_tokens_;
  int32_t capacity_ = 0;
  std::unique_ptr<Node> root_;
  std::list<Node*> newest_first_;
  std::vector<int32_t> unused_numbers_;
  int32_t next_number_ = 0;
};

}  // namespace exo

#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace exo {

/// Which prefixes of sequences are kept for later requests. This is a tree whose edges are whole blocks of tokens, so
/// that sequences share their common prefix. It holds the blocks' numbers; the keys and values are at the ranks. Pure:
/// time is the order of calls.
class PrefixTree {
 public:
  explicit PrefixTree(int32_t block_tokens) : block_tokens_(block_tokens), root_(std::make_unique<Node>()) {}

  struct NewBlock {
    /// Index of the block in the sequence.
    int32_t index;
    int32_t block;
  };

  /// The most blocks that remain after `trim`; 0: nothing is kept.
  void set_capacity(int32_t blocks) { capacity_ = blocks; }
  int32_t capacity() const { return capacity_; }
  int32_t size() const { return static_cast<int32_t>(newest_first_.size()); }
  int32_t block_tokens() const { return block_tokens_; }

  /// The blocks of the longest known prefix of `tokens`, in order. They count as used now.
  std::vector<int32_t> find(std::span<const int32_t> tokens);

  /// Adds the whole blocks of `tokens`.
  /// @param first the first block that can still be copied; if an earlier block is missing, nothing is added
  /// @returns the blocks that were missing
  std::vector<NewBlock> add(std::span<const int32_t> tokens, int32_t first = 0);

  /// Evicts the least recently used blocks beyond the capacity. The next `add` reuses their numbers.
  /// @returns the evicted blocks
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

  /// Marks a block as used. All blocks before it are marked, too, and so are never older. The oldest block is therefore
  /// a leaf.
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

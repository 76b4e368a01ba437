#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace exo {

/// Which prefixes of sequences are kept for later requests. This is a tree whose edges are whole blocks of tokens, so
/// that sequences share their common prefix. It holds the blocks' numbers; the keys and values are at the ranks. A model
/// that keeps states can continue only after a block with a state. Pure: time is the order of calls.
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
  /// @param blocks how many blocks the memory of a state would hold. States take at most half of the capacity.
  void set_state_size(int32_t blocks) { state_blocks_ = blocks; }
  int32_t size() const { return static_cast<int32_t>(newest_first_.size()); }
  int32_t block_tokens() const { return block_tokens_; }

  /// The blocks of the longest known prefix of `tokens`, in order. They count as used now.
  std::vector<int32_t> find(std::span<const int32_t> tokens);

  /// A prefix at whose end a model that keeps states can continue.
  struct StatedPrefix {
    std::vector<int32_t> blocks;
    int32_t state = -1;
  };
  /// The longest known prefix of `tokens` that ends with a state. Its blocks and its state count as used now.
  StatedPrefix find_stated(std::span<const int32_t> tokens);

  /// Adds the whole blocks of `tokens`.
  /// @param first the first block that can still be copied; if an earlier block is missing, nothing is added
  /// @returns the blocks that were missing
  std::vector<NewBlock> add(std::span<const int32_t> tokens, int32_t first = 0);

  /// Adds the state after the last of the whole blocks of `tokens`, which must be known.
  /// @returns its number; below 0: a block is missing, or its state is known already
  int32_t add_state(std::span<const int32_t> tokens);
  /// Evicts a state, unless it was evicted already.
  void drop_state(int32_t state);

  /// Evicts the least recently used states beyond their part of the capacity, then blocks beyond the capacity. The next
  /// `add` reuses their numbers.
  /// @returns the evicted blocks
  std::vector<int32_t> trim();
  /// The states that were evicted since the last call. The next `add_state` reuses their numbers.
  std::vector<int32_t> take_evicted_states();

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
    /// Below 0: none.
    int32_t state = -1;
  };

  /// Marks a block as used. All blocks before it are marked, too, and so are never older. The oldest block is therefore
  /// a leaf.
  void use(Node* last);
  /// The nodes of the whole blocks of `tokens`, as far as they are known.
  std::vector<Node*> path(std::span<const int32_t> tokens) const;
  void remove_state(std::list<Node*>::iterator place);
  int32_t most_states() const {
    return state_blocks_ > 0 ? std::max(capacity_ / 2 / state_blocks_, capacity_ >= state_blocks_ ? 1 : 0) : 0;
  }
  /// What the states take of the capacity, in blocks.
  int64_t states_size() const { return static_cast<int64_t>(newest_states_first_.size()) * state_blocks_; }
  std::vector<int32_t> block_at(std::span<const int32_t> tokens, size_t index) const;

  int32_t block_tokens_;
  int32_t capacity_ = 0;
  std::unique_ptr<Node> root_;
  std::list<Node*> newest_first_, newest_states_first_;
  std::vector<int32_t> unused_numbers_;
  int32_t next_number_ = 0;
  int32_t state_blocks_ = 0;
  std::vector<int32_t> unused_states_, evicted_states_;
  int32_t next_state_ = 0;
};

}  // namespace exo

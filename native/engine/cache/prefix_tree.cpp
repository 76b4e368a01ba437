#include "prefix_tree.h"

namespace exo {

std::vector<int32_t> PrefixTree::find(std::span<const int32_t> tokens) {
  std::vector<int32_t> blocks;
  Node* node = root_.get();
  for (size_t index = 0; (index + 1) * static_cast<size_t>(block_tokens_) <= tokens.size(); ++index) {
    const auto child = node->children.find(block_at(tokens, index));
    if (child == node->children.end()) break;
    node = child->second.get();
    blocks.push_back(node->block);
  }
  use(node);
  return blocks;
}

std::vector<PrefixTree::NewBlock> PrefixTree::add(std::span<const int32_t> tokens, int32_t first) {
  std::vector<NewBlock> added;
  if (capacity_ == 0) return added;
  Node* node = root_.get();
  for (size_t index = 0; (index + 1) * static_cast<size_t>(block_tokens_) <= tokens.size(); ++index) {
    const auto block = block_at(tokens, index);
    if (static_cast<int32_t>(index) < first && !node->children.contains(block)) break;
    const auto place = node->children.try_emplace(block).first;
    auto& child = place->second;
    if (!child) {
      child = std::make_unique<Node>();
      child->parent = node;
      child->place = place;
      child->used = newest_first_.insert(newest_first_.end(), child.get());
      if (unused_numbers_.empty()) {
        child->block = next_number_++;
      } else {
        child->block = unused_numbers_.back();
        unused_numbers_.pop_back();
      }
      added.push_back({static_cast<int32_t>(index), child->block});
    }
    node = child.get();
  }
  use(node);
  return added;
}

std::vector<int32_t> PrefixTree::trim() {
  std::vector<int32_t> forgotten;
  while (size() > capacity_) {
    Node* const oldest = newest_first_.back();
    newest_first_.pop_back();
    forgotten.push_back(oldest->block);
    oldest->parent->children.erase(oldest->place);
  }
  unused_numbers_.insert(unused_numbers_.end(), forgotten.begin(), forgotten.end());
  return forgotten;
}

void PrefixTree::clear() {
  root_->children.clear();
  newest_first_.clear();
  unused_numbers_.clear();
  next_number_ = 0;
}

void PrefixTree::use(Node* last) {
  for (Node* node = last; node->parent; node = node->parent) newest_first_.splice(newest_first_.begin(), newest_first_, node->used);
}

std::vector<int32_t> PrefixTree::block_at(std::span<const int32_t> tokens, size_t index) const {
  const auto block = tokens.subspan(index * static_cast<size_t>(block_tokens_), static_cast<size_t>(block_tokens_));
  return {block.begin(), block.end()};
}

}  // namespace exo

#include "prefix_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace exo {

std::vector<int32_t> PrefixTree::find(std::span<const int32_t> tokens) {
  std::vector<int32_t> blocks;
  const auto nodes = path(tokens);
  for (const Node* node : nodes) blocks.push_back(node->block);
  if (!nodes.empty()) use(nodes.back());
  return blocks;
}

PrefixTree::StatedPrefix PrefixTree::find_stated(std::span<const int32_t> tokens) {
  auto nodes = path(tokens);
  while (!nodes.empty() && nodes.back()->state < 0) nodes.pop_back();
  StatedPrefix prefix;
  if (nodes.empty()) return prefix;
  for (const Node* node : nodes) prefix.blocks.push_back(node->block);
  prefix.state = nodes.back()->state;
  use(nodes.back());
  const auto place = std::find(newest_states_first_.begin(), newest_states_first_.end(), nodes.back());
  newest_states_first_.splice(newest_states_first_.begin(), newest_states_first_, place);
  return prefix;
}

int32_t PrefixTree::add_state(std::span<const int32_t> tokens) {
  const auto nodes = path(tokens);
  if (most_states() == 0 || nodes.empty() || nodes.size() < tokens.size() / static_cast<size_t>(block_tokens_)) return -1;
  Node* const node = nodes.back();
  if (node->state >= 0) return -1;
  if (unused_states_.empty()) {
    node->state = next_state_++;
  } else {
    node->state = unused_states_.back();
    unused_states_.pop_back();
  }
  newest_states_first_.push_front(node);
  return node->state;
}

void PrefixTree::drop_state(int32_t state) {
  const auto place =
      std::find_if(newest_states_first_.begin(), newest_states_first_.end(), [=](const Node* node) { return node->state == state; });
  if (place != newest_states_first_.end()) remove_state(place);
}

void PrefixTree::remove_state(std::list<Node*>::iterator place) {
  evicted_states_.push_back(std::exchange((*place)->state, -1));
  newest_states_first_.erase(place);
}

std::vector<int32_t> PrefixTree::take_evicted_states() {
  unused_states_.insert(unused_states_.end(), evicted_states_.begin(), evicted_states_.end());
  return std::exchange(evicted_states_, {});
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
  while (static_cast<int32_t>(newest_states_first_.size()) > most_states()) remove_state(std::prev(newest_states_first_.end()));
  std::vector<int32_t> forgotten;
  while (size() > 0 && size() + states_size() > capacity_) {
    Node* const oldest = newest_first_.back();
    if (oldest->state >= 0) drop_state(oldest->state);
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
  newest_states_first_.clear();
  unused_numbers_.clear();
  unused_states_.clear();
  evicted_states_.clear();
  next_number_ = next_state_ = 0;
}

void PrefixTree::use(Node* last) {
  for (Node* node = last; node->parent; node = node->parent) newest_first_.splice(newest_first_.begin(), newest_first_, node->used);
}

std::vector<PrefixTree::Node*> PrefixTree::path(std::span<const int32_t> tokens) const {
  std::vector<Node*> nodes;
  const Node* node = root_.get();
  for (size_t index = 0; (index + 1) * static_cast<size_t>(block_tokens_) <= tokens.size(); ++index) {
    const auto child = node->children.find(block_at(tokens, index));
    if (child == node->children.end()) break;
    node = child->second.get();
    nodes.push_back(child->second.get());
  }
  return nodes;
}

std::vector<int32_t> PrefixTree::block_at(std::span<const int32_t> tokens, size_t index) const {
  const auto block = tokens.subspan(index * static_cast<size_t>(block_tokens_), static_cast<size_t>(block_tokens_));
  return {block.begin(), block.end()};
}

}  // namespace exo

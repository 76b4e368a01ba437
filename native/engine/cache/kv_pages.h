#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "../kernels/kernels.h"
#include "../load/page_memory.h"
#include "../schedule/step_plan.h"

namespace exo {

/// Sizes of the keys and values that a rank keeps per token.
struct KvShape {
  int64_t layers;
  int64_t kv_heads;
  int64_t key_dim;
  int64_t value_dim;

  int64_t value_stride() const { return (value_dim + kPanelRows - 1) / kPanelRows * kPanelRows; }
};

/// Keys and values of a block of tokens, all layers: per layer and head, keys [tokens / 16][key_dim][16]
/// so that scores are computed 16 tokens at once, then values [tokens][value_stride].
inline constexpr int64_t kPageTokens = kBlockTokens;

class KvPagePool;

class KvPage {
 public:
  KvPage(const KvShape& shape, PageMemory memory) : shape_(shape), memory_(std::move(memory)) {}

  float* keys(int64_t layer, int64_t head) const {
    return static_cast<float*>(memory_.get()) + (layer * shape_.kv_heads + head) * head_floats();
  }
  float* values(int64_t layer, int64_t head) const { return keys(layer, head) + kPageTokens * shape_.key_dim; }
  int64_t value_stride() const { return shape_.value_stride(); }

 private:
  int64_t head_floats() const { return kPageTokens * (shape_.key_dim + shape_.value_stride()); }

  KvShape shape_;
  PageMemory memory_;
};

/// Hands out pages and takes them back for reuse. A page is shared by the cache and by the steps that still use it.
class KvPagePool : public std::enable_shared_from_this<KvPagePool> {
 public:
  explicit KvPagePool(const KvShape& shape) : shape_(shape) {}

  std::shared_ptr<KvPage> take();
  /// Gives unused pages back to the system.
  void trim();

  const KvShape& shape() const { return shape_; }
  int64_t page_bytes() const { return shape_.layers * shape_.kv_heads * kPageTokens * (shape_.key_dim + shape_.value_stride()) * 4; }
  /// Of pages in use.
  int64_t used_bytes() const { return used_pages_.load() * page_bytes(); }
  /// Of all pages.
  int64_t held_bytes() const { return held_pages_.load() * page_bytes(); }

 private:
  void give_back(std::unique_ptr<KvPage> page);

  KvShape shape_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<KvPage>> unused_;
  std::atomic<int64_t> used_pages_{0};
  std::atomic<int64_t> held_pages_{0};
};

}  // namespace exo

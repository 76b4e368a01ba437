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

/// Sizes of the keys and values that a layer keeps per token.
struct KvLayerShape {
  int64_t kv_heads;
  int64_t key_dim;
  int64_t value_dim;

  int64_t value_stride() const { return (value_dim + kPanelRows - 1) / kPanelRows * kPanelRows; }
  /// Numbers per token.
  int64_t numbers() const { return kv_heads * (key_dim + value_stride()); }
};

/// One entry per layer of a rank.
using KvShape = std::vector<KvLayerShape>;

/// The type of stored keys and values.
enum class KvNumber { Float32, BFloat16 };

constexpr int64_t size_of(KvNumber number) { return number == KvNumber::Float32 ? 4 : 2; }

/// Tokens per page. A page has the keys and values of a block of tokens in all layers. Per layer and head these are
/// keys [tokens / 16][key_dim][16], so that scores are computed for 16 tokens at once, then values
/// [tokens][value_stride].
inline constexpr int64_t kPageTokens = kBlockTokens;

class KvPagePool;

class KvPage {
 public:
  KvPage(const KvShape& shape, PageMemory memory) : memory_(std::move(memory)) {
    int64_t token_numbers = 0;
    for (const auto& layer : shape) {
      layers_.push_back({layer, token_numbers * kPageTokens});
      token_numbers += layer.numbers();
    }
  }

  /// N: float, or uint16_t for bfloat16.
  template <typename N = float>
  N* keys(int64_t layer, int64_t head) const {
    const auto& [shape, first] = layers_[static_cast<size_t>(layer)];
    return static_cast<N*>(memory_.get()) + first + head * kPageTokens * (shape.key_dim + shape.value_stride());
  }
  template <typename N = float>
  N* values(int64_t layer, int64_t head) const {
    return keys<N>(layer, head) + kPageTokens * layers_[static_cast<size_t>(layer)].shape.key_dim;
  }

 private:
  struct Layer {
    KvLayerShape shape;
    /// Index of its first number in the page.
    int64_t first;
  };

  std::vector<Layer> layers_;
  PageMemory memory_;
};

/// Allocates pages and reuses returned ones. A page is shared by the cache and by the steps that still use it.
class KvPagePool : public std::enable_shared_from_this<KvPagePool> {
 public:
  KvPagePool(const KvShape& shape, KvNumber number) : shape_(shape) {
    for (const auto& layer : shape) page_bytes_ += layer.numbers() * kPageTokens * size_of(number);
  }

  std::shared_ptr<KvPage> take();
  /// Returns unused pages to the operating system.
  void trim();

  int64_t page_bytes() const { return page_bytes_; }
  /// Bytes of pages in use.
  int64_t used_bytes() const { return used_pages_.load() * page_bytes(); }
  /// Bytes of all pages, used or not.
  int64_t held_bytes() const { return held_pages_.load() * page_bytes(); }

 private:
  void give_back(std::unique_ptr<KvPage> page);

  KvShape shape_;
  int64_t page_bytes_ = 0;
  std::mutex mutex_;
  std::vector<std::unique_ptr<KvPage>> unused_;
  std::atomic<int64_t> used_pages_{0};
  std::atomic<int64_t> held_pages_{0};
};

}  // namespace exo

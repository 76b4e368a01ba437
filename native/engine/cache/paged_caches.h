#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "kv_pages.h"
#include "sequence_caches.h"

namespace exo {

/// Caches in pages of the CPU's kernels; a kept block is a page, which sequences share as it is.
class PagedCaches : public SequenceCaches {
 public:
  using Pages = std::vector<std::shared_ptr<KvPage>>;

  explicit PagedCaches(const KvShape& shape) : pool_(std::make_shared<KvPagePool>(shape)) {}

  /// The pages of a slot's sequence, with room for `tokens`. The last one is never shared.
  const Pages& grow(int32_t slot, int64_t tokens);
  /// Gives unused pages back to the system.
  void trim() { pool_->trim(); }
  /// Of all pages, the unused ones too.
  int64_t held_bytes() const { return pool_->held_bytes(); }

  int64_t block_bytes() const override { return pool_->page_bytes(); }
  int64_t kept_bytes() const override { return static_cast<int64_t>(blocks_.size()) * pool_->page_bytes(); }
  int64_t sequence_bytes() const override { return pool_->used_bytes() - kept_bytes(); }
  void clear() override;

 private:
  void keep(const PlanKeep& order) override;
  void release(int32_t slot) override;
  void drop(int32_t block) override;
  void share(const PlanShare& order) override;

  std::shared_ptr<KvPagePool> pool_;
  std::unordered_map<int32_t, Pages> sequences_;
  std::unordered_map<int32_t, std::shared_ptr<KvPage>> blocks_;
};

}  // namespace exo

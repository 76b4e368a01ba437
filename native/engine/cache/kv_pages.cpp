#include "kv_pages.h"

namespace exo {

std::shared_ptr<KvPage> KvPagePool::take() {
  std::unique_ptr<KvPage> page;
  {
    const std::lock_guard lock(mutex_);
    if (!unused_.empty()) {
      page = std::move(unused_.back());
      unused_.pop_back();
    }
  }
  if (!page) {
    page = std::make_unique<KvPage>(shape_, allocate_pages(page_bytes()));
    ++held_pages_;
  }
  ++used_pages_;
  return std::shared_ptr<KvPage>(page.release(),
                                 [pool = shared_from_this()](KvPage* used) { pool->give_back(std::unique_ptr<KvPage>(used)); });
}

void KvPagePool::give_back(std::unique_ptr<KvPage> page) {
  --used_pages_;
  const std::lock_guard lock(mutex_);
  unused_.push_back(std::move(page));
}

void KvPagePool::trim() {
  std::vector<std::unique_ptr<KvPage>> pages;
  {
    const std::lock_guard lock(mutex_);
    pages.swap(unused_);
  }
  held_pages_ -= static_cast<int64_t>(pages.size());
}

}  // namespace exo

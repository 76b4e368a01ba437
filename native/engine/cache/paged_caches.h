#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kv_pages.h"
#include "layer_sights.h"
#include "sequence_caches.h"
#include "sequence_states.h"
#include "state_positions.h"

namespace exo {

/// Caches in pages for the CPU kernels. A kept block is a page that sequences share without a copy. Each sight
/// has its own pages, so that pages outside its window are freed.
class PagedCaches : public SequenceCaches {
 public:
  /// A sequence's pages in order; null where a page was dropped.
  using Pages = std::vector<std::shared_ptr<KvPage>>;

  /// @param windows one per layer of the shape; empty: no layer has a window
  /// @param states one per layer of the shape; empty: no layer keeps a state
  explicit PagedCaches(const KvShape& shape, const std::vector<int32_t>& windows = {}, StateShape states = {},
                       KvNumber number = KvNumber::Float32);

  KvNumber number() const { return number_; }
  const LayerSights& sights() const { return sights_; }
  /// The pages of a slot's sequence, one list per sight, with room for `tokens` more from `position` on. The last page
  /// is never shared.
  const std::vector<Pages>& grow(int32_t slot, int64_t position, int64_t tokens);
  /// The layers' states before and after a segment; empty if no layer keeps one.
  StatePath advance_state(const PlanSegment& segment);
  /// Returns unused pages to the operating system.
  void trim();
  /// Bytes of all pages, used or not.
  int64_t held_bytes() const;

  int64_t block_bytes() const override;
  int64_t state_bytes() const override { return state_floats(state_shape_) * static_cast<int64_t>(sizeof(float)); }
  int64_t kept_bytes() const override { return kept_page_bytes() + static_cast<int64_t>(kept_states_.size()) * state_bytes(); }
  int64_t sequence_bytes() const override;
  bool forgets() const override { return sights_.forgets(); }
  bool has_state_at(int32_t slot, int32_t position) const override;
  void clear() override;

 private:
  /// One page per sight.
  using Block = std::vector<std::shared_ptr<KvPage>>;

  /// The states of one sequence.
  struct States {
    StatePositions positions;
    std::shared_ptr<SequenceState> current;
    /// Earlier ones, oldest first.
    std::deque<std::shared_ptr<SequenceState>> remembered;
    /// The current one may be kept, or be that of another sequence, so it must not be written.
    bool is_shared = false;
  };

  void keep(const PlanKeep& order) override;
  void keep_state(const PlanStateKeep& order) override;
  void release(int32_t slot) override;
  void drop(int32_t block) override;
  void drop_state(int32_t state) override { kept_states_.erase(state); }
  void share(const PlanShare& order) override;
  std::vector<Pages>& pages_of(int32_t slot);
  std::shared_ptr<SequenceState> state_at(const States& states, int32_t position) const;
  int64_t kept_page_bytes() const { return static_cast<int64_t>(blocks_.size()) * block_bytes(); }
  int64_t running_state_bytes() const;

  LayerSights sights_;
  KvNumber number_;
  std::vector<std::shared_ptr<KvPagePool>> pools_;
  std::unordered_map<int32_t, std::vector<Pages>> sequences_;
  StateShape state_shape_;
  std::unordered_map<int32_t, States> states_;
  std::unordered_map<int32_t, std::shared_ptr<SequenceState>> kept_states_;
  std::unordered_map<int32_t, Block> blocks_;
};

}  // namespace exo

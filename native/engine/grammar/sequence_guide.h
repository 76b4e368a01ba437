#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "token_guide.h"

namespace exo {

/// The guide of one sequence, or none. A copy continues independently.
class SequenceGuide {
 public:
  SequenceGuide() = default;
  explicit SequenceGuide(std::unique_ptr<TokenGuide> guide) : guide_(std::move(guide)) {}
  SequenceGuide(const SequenceGuide& other) : guide_(other.guide_ ? other.guide_->copy() : nullptr) {}
  SequenceGuide(SequenceGuide&&) noexcept = default;
  SequenceGuide& operator=(SequenceGuide other) noexcept {
    guide_ = std::move(other.guide_);
    return *this;
  }

  bool is_active() const { return guide_ != nullptr; }

  /// Tokens after one that the grammar does not allow are free: they come from a run without the grammar, and the answer is checked.
  void accept(int32_t token) {
    if (guide_ && !guide_->accept(token)) guide_.reset();
  }

  /// Sets the logits of all tokens that may not come next to `refused`. @returns false if none may
  bool restrict(float* logits, int32_t vocabulary, float refused) {
    const auto allowed = guide_ ? guide_->allowed() : std::span<const uint32_t>{};
    if (allowed.empty()) return true;
    bool has_any = false;
    for (int32_t first = 0; first < vocabulary; first += 32) {
      const auto word = static_cast<size_t>(first / 32);
      const uint32_t bits = word < allowed.size() ? allowed[word] : 0;
      const int32_t count = std::min(vocabulary - first, 32);
      has_any = has_any || bits != 0;
      if (bits == 0) {
        std::fill_n(logits + first, count, refused);
      } else if (bits != ~uint32_t{0}) {
        for (int32_t i = 0; i < count; ++i) {
          if ((bits >> i & 1) == 0) logits[first + i] = refused;
        }
      }
    }
    return has_any;
  }

 private:
  std::unique_ptr<TokenGuide> guide_;
};

}  // namespace exo

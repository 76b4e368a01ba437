#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

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

  /// See TokenGuide; none without a guide.
  std::vector<int32_t> forced(size_t most) { return guide_ ? guide_->forced(most) : std::vector<int32_t>{}; }

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
        restrict_word(logits + first, count, bits, refused);
      }
    }
    return has_any;
  }

 private:
  /// Visits only the rarer kind of bit, since a branch per token costs more than the rest of the mask.
  static void restrict_word(float* logits, int32_t count, uint32_t bits, float refused) {
    const uint32_t valid = count == 32 ? ~uint32_t{0} : (uint32_t{1} << count) - 1;
    const uint32_t allowed = bits & valid;
    if (std::popcount(allowed) * 2 > count) {
      for (uint32_t left = ~bits & valid; left != 0; left &= left - 1) logits[std::countr_zero(left)] = refused;
      return;
    }
    std::array<float, 32> kept;
    for (uint32_t left = allowed; left != 0; left &= left - 1) {
      const auto i = static_cast<size_t>(std::countr_zero(left));
      kept[i] = logits[i];
    }
    std::fill_n(logits, count, refused);
    for (uint32_t left = allowed; left != 0; left &= left - 1) {
      const auto i = static_cast<size_t>(std::countr_zero(left));
      logits[i] = kept[i];
    }
  }

  std::unique_ptr<TokenGuide> guide_;
};

}  // namespace exo

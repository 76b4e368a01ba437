#pragma once

#include <mlx/mlx.h>

#include "../../decoder_spec.h"

namespace exo {

/// Rotary positions of the last dimensions of a head, in float32.
class TrailingRope {
 public:
  explicit TrailingRope(const RopeSpec& spec)
      : dims_(2 * static_cast<int>(spec.inverse_frequencies.size())), is_interleaved_(spec.is_interleaved), lengths_(lengths_of(spec)) {}

  /// @param x [..., tokens, dim] @param step from one token's position to the next, the first of which is `first` steps
  /// @param is_backward undoes the rotation
  mlx::core::array turn(const mlx::core::array& x, int first, int step = 1, bool is_backward = false) const {
    namespace mx = mlx::core;
    if (dims_ == 0) return x;
    mx::Shape start(x.ndim(), 0), stop = x.shape();
    start.back() = stop.back() - dims_;
    const auto tail = mx::astype(mx::slice(x, start, stop), mx::float32);
    const auto turned = mx::astype(mx::fast::rope(tail, dims_, is_interleaved_, std::nullopt, static_cast<float>(step), first,
                                                  is_backward ? mx::negative(lengths_) : lengths_),
                                   x.dtype());
    if (start.back() == 0) return turned;
    stop.back() = start.back(), start.back() = 0;
    return mx::concatenate({mx::slice(x, start, stop), turned}, -1);
  }

 private:
  static mlx::core::array lengths_of(const RopeSpec& spec) {
    std::vector<float> lengths;
    for (const auto frequency : spec.inverse_frequencies) lengths.push_back(1 / frequency);
    return mlx::core::array(lengths.data(), {static_cast<int>(lengths.size())}, mlx::core::float32);
  }

  int dims_;
  bool is_interleaved_;
  mlx::core::array lengths_;
};

}  // namespace exo
